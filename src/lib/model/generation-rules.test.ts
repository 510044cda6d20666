// Unsupported or invalid fields of generation_config.json are refused by name; those without effect are accepted.

import { describe, expect, test } from 'vitest';
import { parseGenerationRules } from './generation-rules.ts';

const parse = (fields: object) => parseGenerationRules(fields as never, 60, 'm/generation_config.json');

describe('not supported, and refused with the first request', () => {
  test.each([
    { num_beams: 2 },
    { num_beam_groups: 2 },
    { num_return_sequences: 2 },
    { diversity_penalty: 1 },
    { constraints: [[1]] },
    { force_words_ids: [[1]] },
    { penalty_alpha: 0.6 },
    { dola_layers: 'low' },
    { guidance_scale: 1.5 },
    { watermarking_config: { bias: 2 } },
    { token_healing: true },
    { max_time: 3 },
    { encoder_repetition_penalty: 1.4 },
    { encoder_no_repeat_ngram_size: 2 },
    { exponential_decay_length_penalty: [2, 1.6] },
  ])('%j', (fields) => {
    const [field] = Object.keys(fields);
    expect(() => parse(fields).refuse(false)).toThrow(`m/generation_config.json: field "${field}" is `);
    const { [field!]: _, ...without } = fields as Record<string, unknown>;
    expect(() => parse(without).refuse(true)).not.toThrow();
  });
});

test.each([{ top_h: 0.4 }, { typical_p: 0.9 }, { epsilon_cutoff: 0.1 }, { eta_cutoff: 0.1 }])(
  '%j is refused only where a request samples',
  (fields) => {
    expect(() => parse(fields).refuse(false)).not.toThrow();
    expect(() => parse(fields).refuse(true)).toThrow(/not computed/);
  },
);

test('fields without effect on the text pass, and so does every default', () => {
  const rules = parse({
    ...{ max_length: 20, max_new_tokens: 9, min_length: 0, early_stopping: true, num_beams: 1, use_cache: false },
    ...{ do_sample: true, temperature: 0.6, top_k: 50, top_p: 1, typical_p: 1, epsilon_cutoff: 0, eta_cutoff: 0 },
    ...{ repetition_penalty: 1, encoder_repetition_penalty: 1, length_penalty: 2, no_repeat_ngram_size: 0 },
    ...{ bad_words_ids: null, renormalize_logits: true, remove_invalid_values: true, forced_bos_token_id: null },
    ...{ diversity_penalty: 0, num_beam_groups: 1, num_return_sequences: 1, output_scores: true, low_memory: true },
    ...{ prompt_lookup_num_tokens: 3, cache_implementation: 'static', pad_token_id: 0, bos_token_id: 1 },
    ...{ transformers_version: '5.18.0', _from_model_config: true, guidance_scale: 1, token_healing: false },
  });
  expect(() => rules.refuse(true)).not.toThrow();
  expect(rules).toMatchObject({ repetitionPenalty: 1, topK: 50, topP: 1, suppress: [], badWords: [], biases: [] });
});

test.each<[object, RegExp]>([
  [{ repetition_penalty: 'x' }, /"repetition_penalty" is "x"/],
  [{ repetition_penalty: 0 }, /"repetition_penalty" is 0/],
  [{ no_repeat_ngram_size: 1.5 }, /"no_repeat_ngram_size" is 1.5; a whole number/],
  [{ suppress_tokens: 5 }, /"suppress_tokens" is 5, not a list/],
  [{ suppress_tokens: [1, 'a'] }, /holds "a", not a token id/],
  [{ bad_words_ids: [[]] }, /holds an empty sequence/],
  [{ bad_words_ids: [[600]] }, /holds token 600/],
  [{ bad_words_ids: [5] }, /"bad_words_ids" is 5/],
  [{ sequence_bias: [[[1], 'x']] }, /"sequence_bias" holds \[\[1\],"x"\]/],
  [{ sequence_bias: [[[1], Infinity]] }, /"sequence_bias" holds/],
  [{ sequence_bias: { 1: 2 } }, /"sequence_bias" is .*, not a list/],
  [{ forced_eos_token_id: 600 }, /"forced_eos_token_id" holds 600/],
  [{ stop_strings: [1] }, /"stop_strings" is \[1\]/],
  [{ bad_words_ids: [Array(70_000).fill(1)] }, /not a list of token ids/],
])('%j is invalid', (fields, message) => {
  expect(() => parse(fields)).toThrow(message);
});
