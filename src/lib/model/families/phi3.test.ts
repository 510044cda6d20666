// Phi-3: two lists of factors, a share of each head, and where the original context stands.

import { describe, expect, test } from 'vitest';
import { parseArchitecture } from '../config.ts';

const small = {
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 308,
  max_position_embeddings: 256,
};

describe('phi3', () => {
  const phi3 = { ...small, model_type: 'phi3' };
  const long = { type: 'longrope', short_factor: Array(6).fill(1), long_factor: Array(6).fill(2) };
  const extended = {
    ...phi3,
    partial_rotary_factor: 0.75,
    max_position_embeddings: 8192,
    original_max_position_embeddings: 2048,
    rope_scaling: long,
  };
  test('rotates the first share of a head, by two lists of factors', () => {
    const { ropeDim, plan, contextLength } = parseArchitecture(extended);
    expect([ropeDim, contextLength]).toEqual([12, 8192]);
    expect(plan[0]!.rope!.scaling).toMatchObject({
      type: 'longrope',
      originalContextLength: 2048,
      shortFactor: Array(6).fill(1),
      longFactor: Array(6).fill(2),
    });
  });
  test.each(['su', 'yarn'])('"%s" of the first releases is longrope', (type) => {
    expect(parseArchitecture({ ...extended, rope_scaling: { ...long, type } })).toEqual(parseArchitecture(extended));
  });
  test('the original context is 4,096 unless the config names it outside the rotation settings', () => {
    const { original_max_position_embeddings: _, ...rest } = extended;
    const within = { ...long, original_max_position_embeddings: 1024 };
    const { plan } = parseArchitecture({ ...rest, rope_scaling: within });
    expect(plan[0]!.rope!.scaling).toMatchObject({ originalContextLength: 4096 });
  });
  test('a window is off unless the config has one, and then on all layers', () => {
    expect(parseArchitecture(phi3).plan[0]!.window).toBeNull();
    expect(parseArchitecture({ ...phi3, sliding_window: 5 }).plan.map(({ window }) => window)).toEqual([5, 5, 5]);
  });
  test.each([
    ['another kind of rotation', { rope_scaling: { type: 'linear', factor: 2 } }, /type "linear", which is not/],
    [
      'factors for a whole head',
      { ...extended, partial_rotary_factor: 1 },
      /"short_factor" is not a list of 8 factors/,
    ],
    ['an odd share of a head', { partial_rotary_factor: 0.2 }, /gives 3 rotating components of 16/],
  ])('%s is refused', (_, fields, message) => {
    expect(() => parseArchitecture({ ...phi3, ...fields })).toThrow(message);
  });
});
