// Token ids that end an answer: from generation_config.json, or config.json without that file, as in transformers; plus the
// tokenizer's end token and the end-of-turn tokens that the model's own template writes.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { ConfigError } from './errors.ts';
import type { Tokenizer } from './tokenizer.ts';

/** End-of-turn tokens of known chat formats. One counts only when the model's template writes it. */
const END_OF_TURN = [
  '<|im_end|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<end_of_turn>',
  '<|end|>',
  '<|end_of_turn|>',
  '<|end_of_text|>',
  '<|endoftext|>',
  '<|return|>',
];

export interface StopSources {
  model: string;
  vocab: number;
  generationConfig: JsonObject | null;
  config: JsonObject | null;
  /** Text of the tokenizer's `eos_token`. */
  eosToken: string | null;
  tokenizer: Tokenizer | null;
  template: string | null;
}

export function findStopIds(sources: StopSources): Set<number> {
  const { model, config, generationConfig, tokenizer, template, vocab } = sources;
  const ids = new Set<number>();
  const add = (value: unknown, file: string): void => {
    for (const id of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (id === null || id === undefined) continue;
      // Some files write -1 for none.
      if (id === -1) continue;
      if (!Number.isSafeInteger(id) || (id as number) < 0) {
        throw new ConfigError(`${model}/${file}`, 'eos_token_id', `holds ${JSON.stringify(id)}, not a token id`);
      }
      // An id beyond the vocabulary can never be sampled.
      if ((id as number) < vocab) ids.add(id as number);
    }
  };
  if (generationConfig) {
    add(generationConfig['eos_token_id'], 'generation_config.json');
  } else {
    const nested = config?.['text_config'];
    add(config?.['eos_token_id'] ?? (isJsonObject(nested) ? nested['eos_token_id'] : null), 'config.json');
  }
  const named = [sources.eosToken, ...END_OF_TURN.filter((token) => template?.includes(token))];
  for (const token of named) {
    const id = token === null ? null : (tokenizer?.idOf(token) ?? null);
    if (id !== null && id < vocab) ids.add(id);
  }
  return ids;
}
