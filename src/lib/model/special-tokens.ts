// Which special tokens a folder names (BOS, EOS and those of the model's own), wherever it names them.
// It knows tokenizer_config.json and special_tokens_map.json; what ids the tokens have is the tokenizer's business.

import { isJsonObject, type JsonObject } from '#lib/core/format/json-file.ts';

export interface SpecialTokens {
  /** Text by role, such as `bos_token`; a chat template reads them by these names. */
  byName: Record<string, string>;
  /** Special tokens without a role. */
  extra: string[];
}

export function readSpecialTokens(config: JsonObject, map: JsonObject | null): SpecialTokens {
  // As in transformers: a config that lists its added tokens is newer than the map beside it, and says all itself.
  const said = map && config['added_tokens_decoder'] === undefined ? { ...config, ...map } : config;
  const byName: Record<string, string> = {};
  const name = (entries: JsonObject) => {
    for (const [key, value] of Object.entries(entries)) {
      const text = contentOf(value);
      if (key.endsWith('_token') && text !== null) byName[key] = text;
    }
  };
  name(said);
  const more = said['extra_special_tokens'] ?? said['additional_special_tokens'];
  if (isJsonObject(more)) name(more);
  const extra = Array.isArray(more) ? (more as unknown[]).map(contentOf).filter((text) => text !== null) : [];
  return { byName, extra };
}

/** Written as text, or as an object with `content`. */
function contentOf(value: unknown): string | null {
  const text = isJsonObject(value) ? value['content'] : value;
  return typeof text === 'string' && text !== '' ? text : null;
}
