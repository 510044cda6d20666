// Families beside the LLaMA form: what their absent fields mean, and what is refused by name.

import { describe, expect, test } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { parseArchitecture } from '../config.ts';

const vocab = { vocab_size: 308 };
const gpt2 = { ...vocab, model_type: 'gpt2', n_embd: 64, n_layer: 2, n_head: 4 };
const gptNeo = { ...vocab, model_type: 'gpt_neo', hidden_size: 64, num_layers: 24, num_heads: 4 };
const plain = { ...vocab, hidden_size: 64, num_hidden_layers: 2, num_attention_heads: 4 };
const neox = { ...plain, model_type: 'gpt_neox', intermediate_size: 128 };
const phi = { ...plain, model_type: 'phi', intermediate_size: 128 };
const bloom = { ...vocab, model_type: 'bloom', hidden_size: 64, n_layer: 2, n_head: 4 };
const falcon = { ...plain, model_type: 'falcon' };
const glm = { ...plain, model_type: 'glm', intermediate_size: 128 };
const smollm3 = { ...plain, model_type: 'smollm3', intermediate_size: 128, num_hidden_layers: 5 };
const ministral3 = { ...plain, model_type: 'ministral3', intermediate_size: 128, num_key_value_heads: 2 };
const chatglm = { model_type: 'chatglm', num_layers: 2, hidden_size: 64, num_attention_heads: 4, kv_channels: 16 };
const parse = (config: object) => parseArchitecture(config as never, 'm/config.json');

test('absent fields mean what the family means by them', () => {
  expect(parse(gpt2)).toMatchObject({ ffn: 256, contextLength: 1024, activation: 'gelu-tanh', tiedHead: true });
  expect(parse(neox)).toMatchObject({ ropeDim: 4, placement: 'parallel', activation: 'gelu-erf', tiedHead: false });
  expect(parse(phi)).toMatchObject({ ropeDim: 8, headBias: true, kvHeads: 4, sharesNorm: true });
  expect(parse(bloom)).toMatchObject({ ffn: 256, alibi: 'exact', embeddingNorm: true, contextLength: 2048 });
  expect(parse(falcon)).toMatchObject({
    ffn: 256,
    kvHeads: 1,
    placement: 'parallel',
    sharesNorm: true,
    qkvBias: false,
  });
  expect(parse(glm)).toMatchObject({ headDim: 128, ropeDim: 64, qkvBias: true, kvHeads: 2, normEps: 1.5625e-7 });
  expect(parse({ ...chatglm, rope_ratio: 50 })).toMatchObject({ ffn: 13_696, vocab: 65_024, kvHeads: 4, ropeDim: 8 });
  expect(parse({ ...chatglm, rope_ratio: 50 }).plan[0]!.rope!.theta).toBe(500_000);
});

test('dimensions have the names of both generations of configs', () => {
  const { n_embd, n_layer, n_head, ...rest } = gpt2;
  const other = { ...rest, hidden_size: n_embd, num_hidden_layers: n_layer, num_attention_heads: n_head };
  expect(parse(other)).toEqual(parse(gpt2));
  expect(parse({ ...vocab, model_type: 'bloom', n_embed: 64, n_layer: 2, num_attention_heads: 4 })).toEqual(
    parse(bloom),
  );
  const neoxV5 = { ...neox, rope_parameters: { rope_theta: 20_000, partial_rotary_factor: 0.5 } };
  expect(parse(neoxV5)).toEqual(parse({ ...neox, rotary_emb_base: 20_000, rotary_pct: 0.5 }));
});

test('the four forms of Falcon', () => {
  expect(parse({ ...falcon, new_decoder_architecture: true, num_kv_heads: 2 })).toMatchObject({
    kvHeads: 2,
    sharesNorm: false,
  });
  expect(
    parse({ ...falcon, new_decoder_architecture: true, num_kv_heads: 2, num_ln_in_parallel_attn: 1 }),
  ).toMatchObject({ kvHeads: 2, sharesNorm: true });
  const rw = parse({ ...falcon, alibi: true, multi_query: false, parallel_attn: false, bias: true });
  expect(rw).toMatchObject({ kvHeads: 4, placement: 'pre', alibi: 'rounded', ropeDim: 0, mlpBias: true });
  expect(rw.plan.every(({ rope }) => rope === null)).toBe(true);
});

test('layers that rotate, and layers that see a window', () => {
  const rotating = (config: object) => parse(config).plan.map(({ rope }) => rope !== null);
  expect(rotating(smollm3)).toEqual([true, true, true, false, true]);
  expect(rotating({ ...smollm3, no_rope_layers: [0, 1, 0, 1, 1] })).toEqual([false, true, false, true, true]);
  const windowed = parse({ ...smollm3, use_sliding_window: true, sliding_window: 7 });
  expect(windowed.plan.map(({ window }) => window)).toEqual([null, null, null, 7, null]);
  expect(
    parse(gptNeo)
      .plan.map(({ window }) => window)
      .slice(0, 4),
  ).toEqual([null, 256, null, 256]);
});

const growing = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 16 };
describe('refused by name', () => {
  test.each<[string, object, RegExp]>([
    ['an unknown activation', { ...gpt2, activation_function: 'swiglu' }, /"activation_function" is "swiglu"/],
    ['an activation of another type', { ...falcon, activation: 7 }, /"activation" is 7/],
    ['scores scaled by layer', { ...gpt2, scale_attn_by_inverse_layer_idx: true }, /"scale_attn_by_inverse_layer_idx"/],
    ['attention to an encoder', { ...gpt2, add_cross_attention: true }, /"add_cross_attention" is true/],
    ['heads that do not divide', { ...gpt2, n_head: 5 }, /"n_head" is 5, which does not divide the width/],
    ['a head no kernel can take', { ...gpt2, n_head: 32 }, /head_dim.*multiple of 4/],
    [
      'another residual in BLOOM',
      { ...bloom, apply_residual_connection_post_layernorm: true },
      /post_layernorm" is true/,
    ],
    ['normalised heads in Phi', { ...phi, qk_layernorm: true }, /"qk_layernorm" is true/],
    ['groups that do not divide', { ...phi, num_key_value_heads: 3 }, /does not divide num_attention_heads/],
    [
      'a new Falcon that is not parallel',
      { ...falcon, new_decoder_architecture: true, parallel_attn: false },
      /"parallel_attn" is false/,
    ],
    ['an old Falcon with two norms', { ...falcon, num_ln_in_parallel_attn: 2 }, /"num_ln_in_parallel_attn" is 2/],
    ['three norms', { ...falcon, num_ln_in_parallel_attn: 3 }, /"num_ln_in_parallel_attn" is 3/],
    ['an old Falcon with key heads', { ...falcon, multi_query: false, num_kv_heads: 2 }, /"num_kv_heads" is 2/],
    ['layers of an unknown kind', { ...gptNeo, attention_types: [[['global', 'ring'], 12]] }, /"attention_types"/],
    ['too few kinds of layers', { ...gptNeo, attention_types: [[['global'], 3]] }, /"attention_types"/],
    ['kinds repeated without end', { ...gptNeo, attention_types: [[['global'], 1e9]] }, /"attention_types"/],
    ['rotation flags of a wrong length', { ...smollm3, no_rope_layers: [1, 0] }, /"no_rope_layers"/],
    ['rotation flags that are no flags', { ...smollm3, no_rope_layers: [1, 0, 1, 2, 1] }, /"no_rope_layers"/],
    [
      'windows without a width',
      { ...smollm3, layer_types: Array<string>(5).fill('sliding_attention') },
      /although sliding_window is not set/,
    ],
    ['the first ChatGLM', { ...chatglm, position_encoding_2d: true }, /"position_encoding_2d" is true/],
    ['a ChatGLM with LayerNorm', { ...chatglm, rmsnorm: false }, /"rmsnorm" is false/],
    ['a ChatGLM without a last norm', { ...chatglm, post_layer_norm: false }, /"post_layer_norm" is false/],
    ['a trained prefix', { ...chatglm, pre_seq_len: 128 }, /"pre_seq_len" is set/],
    ['queries without their growth', { ...ministral3, rope_parameters: growing }, /"llama_4_scaling_beta" is missing/],
    ['no rotation in Ministral 3', ministral3, /"rope_parameters" is missing/],
  ])('%s', (_, config, message) => {
    expect(() => parse(config)).toThrow(message);
    expect(() => parse(config)).toThrow(PayableError);
  });
});
