// Reads the tokens that a folder names beside tokenizer.json: those with a role (BOS, EOS and custom ones) and further ones.
// Files take precedence as in transformers; the tokenizer assigns ids.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { readDeclared, type DeclaredToken } from './added-tokens.ts';

export interface SpecialTokens {
  /** Text by role, such as `bos_token`; chat templates read them by these names. */
  byName: Record<string, string>;
  /** Every token that these files declare, in the order in which they get ids. */
  declared: DeclaredToken[];
}

export interface TokenFiles {
  /** tokenizer_config.json */
  config: JsonObject;
  /** special_tokens_map.json */
  map: JsonObject | null;
  /** added_tokens.json */
  added: JsonObject | null;
}

export function readSpecialTokens({ config, map, added }: TokenFiles): SpecialTokens {
  const decoder = config['added_tokens_decoder'];
  // A config that lists its added tokens is newer than the other two files, which are then ignored.
  const isNewer = isJsonObject(decoder);
  const said = map && !isNewer ? { ...config, ...map } : config;
  const more = said['extra_special_tokens'] ?? said['additional_special_tokens'];
  const named = Object.entries({ ...said, ...(isJsonObject(more) ? more : {}) })
    .filter(([key]) => key.endsWith('_token'))
    .flatMap(([key, value]) => {
      const token = readDeclared(value, true);
      return token ? [{ key, token }] : [];
    });
  const extra = Array.isArray(more) ? (more as unknown[]).flatMap((value) => readDeclared(value, true) ?? []) : [];
  const specials = new Set([...named.map(({ token }) => token), ...extra].map(({ content }) => content));
  const byId = isNewer
    ? // Keys that are whole numbers are in their order already.
      Object.values(decoder).flatMap((value) => readDeclared(value, false) ?? [])
    : Object.entries(added ?? {})
        .sort(([, a], [, b]) => Number(a) - Number(b))
        .flatMap(([content]) => readDeclared({ content }, specials.has(content)) ?? []);
  return {
    byName: Object.fromEntries(named.map(({ key, token }) => [key, token.content])),
    declared: [...byId, ...named.map(({ token }) => token), ...extra],
  };
}
