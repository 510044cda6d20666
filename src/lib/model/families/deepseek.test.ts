// Defaults of DeepSeek V2 and V3, and the configs that are refused.

import { expect, test } from 'vitest';
import { readTensorIndex } from '#lib/formats/model/model-files.ts';
import { modelPath, openFixture } from '#tests/support/fixtures.ts';
import { parseArchitecture, readArchitecture } from '../config.ts';
import { resolveTensors } from './resolve-tensors.ts';

const small = {
  vocab_size: 40,
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 5,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  num_experts_per_tok: 2,
  moe_intermediate_size: 8,
};
const v2 = { ...small, model_type: 'deepseek_v2' };
const v3 = { ...small, model_type: 'deepseek_v3' };

test('absent fields take the defaults of the family', () => {
  expect(parseArchitecture(v2)).toMatchObject({
    ...{ headDim: 192, ropeDim: 64, contextLength: 2048, attentionScale: 192 ** -0.5 },
    latent: { queryRank: 1536, kvRank: 512, nopeDim: 128, valueDim: 128 },
    experts: { count: 64, sharedFfn: 16, isSparse: [true, true, true, true, true], router: { groups: null, scale: 1 } },
  });
  expect(parseArchitecture(v3)).toMatchObject({
    contextLength: 4096,
    experts: {
      ...{ count: 256, sharedFfn: 8, isSparse: [false, false, false, true, true] },
      router: { groups: { count: 8, kept: 4, score: 'best-two' }, isNormalised: true, scale: 2.5 },
    },
  });
});

test('a model all of whose layers are dense has no experts, a null q_lora_rank no latent of queries', () => {
  const { experts, latent } = parseArchitecture({ ...v2, first_k_dense_replace: 5, q_lora_rank: null });
  expect([experts, latent?.queryRank]).toEqual([null, null]);
});

test.each<[string, object]>([
  ['topk_method', { ...v2, topk_method: 'noaux_tc' }],
  ['topk_method', { ...v3, topk_method: 'greedy' }],
  ['scoring_func', { ...v2, scoring_func: 'sigmoid' }],
  ['scoring_func', { ...v3, scoring_func: 'softmax' }],
  ['norm_topk_prob', { ...v2, norm_topk_prob: true }],
  ['moe_layer_freq', { ...v2, moe_layer_freq: 2 }],
  ['rope_interleave', { ...v3, rope_interleave: false }],
  ['attention_bias', { ...v3, attention_bias: true }],
  ['num_key_value_heads', { ...v3, num_key_value_heads: 2 }],
  ['rope_scaling', { ...v3, rope_scaling: { type: 'linear', factor: 4 } }],
  ['n_group', { ...v3, n_group: 7 }],
  ['topk_group', { ...v3, topk_group: 9 }],
  ['num_experts_per_tok', { ...v2, num_experts_per_tok: 65 }],
  ['num_experts_per_tok', { ...v3, n_routed_experts: 16, n_group: 8, topk_group: 1, num_experts_per_tok: 3 }],
  ['v_head_dim', { ...v3, v_head_dim: 256 }],
  ['qk_nope_head_dim', { ...v3, qk_nope_head_dim: 6 }],
  ['kv_lora_rank', { ...v3, kv_lora_rank: 10 }],
])('%s is refused by name', (field, config) => {
  expect(() => parseArchitecture({ ...config })).toThrow(`"${field}"`);
});

test('layers that predict further tokens are left out, as many as the config has', async () => {
  const folder = openFixture(modelPath('deepseek_v3'));
  const architecture = await readArchitecture(folder);
  const index = await readTensorIndex(folder);
  const plain = resolveTensors(architecture, index, 'm');
  const [norm] = index.values();
  const further = (layer: number) => {
    for (const name of ['enorm', 'eh_proj', 'shared_head.head', 'embed_tokens', 'mlp.experts.0.up_proj'])
      index.set(`model.layers.${layer}.${name}.weight`, norm!);
  };
  further(architecture.layers);
  expect(() => resolveTensors(architecture, index, 'm')).toThrow('has no place in a decoder layer');
  expect(resolveTensors({ ...architecture, furtherLayers: 1 }, index, 'm')).toEqual(plain);
  further(architecture.layers + 1);
  expect(() => resolveTensors({ ...architecture, furtherLayers: 1 }, index, 'm')).toThrow(
    `"model.layers.${architecture.layers + 1}.enorm.weight"`,
  );
  expect(parseArchitecture({ ...v3, num_nextn_predict_layers: 1 }).furtherLayers).toBe(1);
});
