// Which layers of sparse Qwen models have experts, and which configs are refused.

import { describe, expect, test } from 'vitest';
import { parseArchitecture } from '../config.ts';

const sparse = {
  model_type: 'qwen3_moe',
  vocab_size: 40,
  hidden_size: 16,
  intermediate_size: 32,
  moe_intermediate_size: 8,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  num_experts: 8,
  num_experts_per_tok: 2,
};

describe('layers with experts', () => {
  test.each<[string, object, boolean[]]>([
    ['all', {}, [true, true, true, true, true, true]],
    ['every second', { decoder_sparse_step: 2 }, [false, true, false, true, false, true]],
    ['all but some', { mlp_only_layers: [0, 5] }, [false, true, true, true, true, false]],
  ])('%s', (_, fields, isSparse) => {
    expect(parseArchitecture({ ...sparse, ...fields }).experts?.isSparse).toEqual(isSparse);
  });

  test('none: the model is dense', () => {
    expect(parseArchitecture({ ...sparse, num_experts: 0 }).experts).toBeNull();
    expect(parseArchitecture({ ...sparse, decoder_sparse_step: 7 }).experts).toBeNull();
  });
});

test('absent fields take the defaults of the family', () => {
  const { num_experts: _, num_experts_per_tok: __, moe_intermediate_size: ___, ...bare } = sparse;
  expect(parseArchitecture(bare)).toMatchObject({ experts: { count: 128, chosen: 8, ffn: 768, sharedFfn: 0 } });
  expect(parseArchitecture({ ...bare, model_type: 'qwen2_moe' })).toMatchObject({
    qkvBias: true,
    experts: { count: 60, chosen: 4, ffn: 1408, sharedFfn: 5632 },
  });
});

test('a window of qwen3_moe is that of every layer', () => {
  const { plan } = parseArchitecture({ ...sparse, use_sliding_window: true, sliding_window: 9, max_window_layers: 3 });
  expect(plan.map(({ window }) => window)).toEqual(Array(6).fill(9));
});

test.each<[string, object]>([
  ['num_experts_per_tok', { num_experts_per_tok: 9 }],
  ['num_experts', { num_experts: 1.5 }],
  ['mlp_only_layers', { mlp_only_layers: [6] }],
  ['mlp_only_layers', { mlp_only_layers: 'none' }],
  ['moe_intermediate_size', { moe_intermediate_size: 10 }],
  ['shared_expert_intermediate_size', { model_type: 'qwen2_moe', shared_expert_intermediate_size: 6 }],
  ['use_sliding_window', { model_type: 'qwen2_moe', use_sliding_window: true }],
])('%s is refused by name', (field, fields) => {
  expect(() => parseArchitecture({ ...sparse, ...fields })).toThrow(`"${field}"`);
});
