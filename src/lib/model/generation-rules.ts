// Reads generation_config.json into checked rules: changes to the logits of every answer, as transformers applies them. Without
// that file config.json may hold the same fields. Fields without effect are accepted; unsupported ones are recorded and refused
// with the first request. Kernels apply the rules.

import type { Folder } from '#lib/core/folder.ts';
import { isJsonObject, readJsonFile, type JsonObject } from '#lib/formats/json/json-file.ts';
import { ConfigError, UnsupportedModelError } from './errors.ts';

export interface GenerationRules {
  /** Defaults that a request may override. Those of sampling apply only when a request samples. */
  repetitionPenalty: number;
  noRepeatNgramSize: number;
  minNewTokens: number;
  topK: number;
  topP: number;
  minP: number;
  /** Least number of tokens of prompt and answer together. */
  minLength: number;
  /** Never chosen. */
  suppress: number[];
  /** Never chosen as the first token of an answer. */
  beginSuppress: number[];
  /** Token sequences that are never completed. */
  badWords: number[][];
  /** Added to the logit of the last token of a sequence when its other tokens precede it. */
  biases: { ids: number[]; bias: number }[];
  /** Forced as the second token when the prompt is one token. */
  forcedBos: number[];
  /** Forced as the last token of an answer that reaches its maximum length. */
  forcedEos: number[];
  stopStrings: string[];
  /** Throws for a field that changes answers and is not supported. */
  refuse(samples: boolean): void;
}

/** Tokens in one list, and in all sequences together. */
const MAX_TOKENS = 1 << 16;

/** Fields that change answers, with the values that have no effect. `sampling`: has an effect only when a request samples. */
const NOT_COMPUTED: Record<string, { off: readonly unknown[]; sampling?: true }> = {
  num_beams: { off: [1] },
  num_beam_groups: { off: [1] },
  num_return_sequences: { off: [1] },
  diversity_penalty: { off: [0] },
  constraints: { off: [] },
  force_words_ids: { off: [] },
  penalty_alpha: { off: [0] },
  dola_layers: { off: [] },
  guidance_scale: { off: [1] },
  watermarking_config: { off: [] },
  token_healing: { off: [false] },
  max_time: { off: [] },
  encoder_repetition_penalty: { off: [1] },
  encoder_no_repeat_ngram_size: { off: [0] },
  exponential_decay_length_penalty: { off: [] },
  top_h: { off: [], sampling: true },
  typical_p: { off: [1], sampling: true },
  epsilon_cutoff: { off: [0], sampling: true },
  eta_cutoff: { off: [0], sampling: true },
};

export async function readGenerationRules(folder: Folder, vocab: number): Promise<GenerationRules> {
  const own = 'generation_config.json';
  if (await folder.has(own))
    return parseGenerationRules(await readJsonFile(folder, own), vocab, `${folder.name}/${own}`);
  const config = await readJsonFile(folder, 'config.json');
  const nested = config['text_config'];
  const fields = isJsonObject(nested) ? { ...nested, ...withoutNulls(config) } : config;
  return parseGenerationRules(fields, vocab, `${folder.name}/config.json`);
}

export function parseGenerationRules(fields: JsonObject, vocab: number, file: string): GenerationRules {
  const fail = (field: string, what: string): never => {
    throw new ConfigError(file, field, what);
  };
  const number = (field: string, min: number, max: number, off: number, whole = false): number => {
    const value = fields[field] ?? off;
    const good = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
    return good
      ? value
      : fail(field, `is ${show(value)}; ${whole ? 'a whole number' : 'a number'} from ${min} to ${max} is accepted`);
  };
  const tokens = (value: unknown, field: string): number[] => {
    if (!Array.isArray(value) || value.length > MAX_TOKENS)
      return fail(field, `is ${show(value)}, not a list of token ids`);
    const bad = (value as unknown[]).find((id) => !Number.isSafeInteger(id) || (id as number) < 0);
    return bad === undefined ? (value as number[]) : fail(field, `holds ${show(bad)}, not a token id`);
  };
  /** Ids within the vocabulary. */
  const list = (field: string): number[] => [...new Set(tokens(fields[field] ?? [], field))].filter((id) => id < vocab);
  const oneOrMore = (field: string): number[] => {
    const value = fields[field] ?? [];
    const ids = tokens(typeof value === 'number' ? [value] : value, field);
    const beyond = ids.find((id) => id >= vocab);
    return beyond === undefined ? ids : fail(field, `holds ${beyond}; the model knows ids below ${vocab}`);
  };
  const entries = (field: string): unknown[] => {
    const value = fields[field] ?? [];
    return Array.isArray(value) ? (value as unknown[]) : fail(field, `is ${show(value)}, not a list`);
  };
  let total = 0;
  const sequence = (value: unknown, field: string): number[] => {
    const ids = tokens(value, field);
    total += ids.length;
    if (ids.length === 0 || total > MAX_TOKENS)
      return fail(field, `holds an empty sequence, or more than ${MAX_TOKENS} tokens`);
    const beyond = ids.find((id) => id >= vocab);
    return beyond === undefined ? ids : fail(field, `holds token ${beyond}; the model knows ids below ${vocab}`);
  };
  const biases = new Map<string, { ids: number[]; bias: number }>();
  for (const entry of entries('sequence_bias')) {
    const [ids, bias] = Array.isArray(entry) && entry.length === 2 ? (entry as unknown[]) : [];
    // JSON has no infinities, but Python writes them.
    if (typeof bias !== 'number' || bias === Infinity || Number.isNaN(bias))
      return fail('sequence_bias', `holds ${show(entry)}, not [token ids, number]`);
    const read = sequence(ids, 'sequence_bias');
    biases.set(read.join(), { ids: read, bias });
  }
  const stops = fields['stop_strings'] ?? [];
  const stopStrings = typeof stops === 'string' ? [stops] : (stops as unknown[]);
  if (!Array.isArray(stopStrings) || !stopStrings.every((stop) => typeof stop === 'string' && stop !== ''))
    fail('stop_strings', `is ${show(stops)}, not a text or a list of texts`);
  return {
    repetitionPenalty: number('repetition_penalty', 0.01, 100, 1),
    noRepeatNgramSize: number('no_repeat_ngram_size', 0, 2 ** 16, 0, true),
    minNewTokens: number('min_new_tokens', 0, 2 ** 24, 0, true),
    // Some files write -1 for none.
    topK: Math.max(0, number('top_k', -1, 2 ** 31, 0, true)),
    topP: number('top_p', 0, 1, 1),
    minP: number('min_p', 0, 1, 0),
    minLength: number('min_length', 0, 2 ** 24, 0, true),
    suppress: list('suppress_tokens'),
    beginSuppress: list('begin_suppress_tokens'),
    badWords: entries('bad_words_ids').map((ids) => sequence(ids, 'bad_words_ids')),
    biases: [...biases.values()],
    forcedBos: oneOrMore('forced_bos_token_id'),
    forcedEos: oneOrMore('forced_eos_token_id'),
    stopStrings: stopStrings as string[],
    refuse(samples) {
      for (const [field, { off, sampling = false }] of Object.entries(NOT_COMPUTED)) {
        const value = fields[field] ?? null;
        if (value === null || off.includes(value) || (sampling && !samples)) continue;
        throw new UnsupportedModelError(
          file,
          field,
          `is ${show(value)}, which changes answers and is not computed`,
          sampling
            ? 'Remove that field, or ask for greedy answers (temperature 0).'
            : 'Remove that field from the file.',
        );
      }
    },
  };
}

const withoutNulls = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80));
