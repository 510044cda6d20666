// ChatGLM2, ChatGLM3 and GLM-4-9B in their authors' own layout: GLM-4 with other names, and with queries, keys and values in one matrix.
// The first ChatGLM has the same model type and another computation; it is refused.

import { readRope } from '../config-rope.ts';
import type { ConfigFields } from '../config-fields.ts';
import type { Family } from './family.ts';
import { uniformPlan } from './llama-like.ts';

export const chatglm: Family = {
  modelTypes: ['chatglm'],
  readArchitecture(config) {
    refuseOtherForms(config);
    const hidden = config.size('hidden_size', 65_536, 4096);
    const heads = config.size('num_attention_heads', 4096, 32);
    const headDim = config.size('kv_channels', 4096, 128);
    const layers = config.size('num_layers', 512, 28);
    const contextLength = config.size('seq_length', 2 ** 31, 2048);
    const theta = 10_000 * config.number('rope_ratio', 1e-3, 1e6, 1);
    const { rope, ...reach } = readRope(config, { headDim, contextLength }, { theta, share: 0.5 });
    const isGrouped = config.flag('multi_query_attention', false);
    const isBiased = config.flag('add_bias_linear', false);
    return {
      family: 'chatglm',
      layers,
      hidden,
      heads,
      kvHeads: isGrouped ? config.size('multi_query_group_num', 4096, 1) : heads,
      headDim,
      ffn: config.size('ffn_hidden_size', 1 << 20, 13_696),
      vocab: config.size('padded_vocab_size', 2_000_000, 65_024),
      activation: 'silu',
      ffnKind: 'gated',
      norm: 'rms',
      normEps: config.number('layernorm_epsilon', 1e-12, 0.1, 1e-5),
      normPlusOne: false,
      placement: 'pre',
      sharesNorm: false,
      embeddingNorm: false,
      qkvBias: isBiased || config.flag('add_qkv_bias', false),
      outputBias: isBiased,
      mlpBias: isBiased,
      headBias: false,
      qkNorm: 'none',
      learnedPositions: false,
      alibi: 'none',
      ropePairing: 'interleaved',
      queryGrowth: null,
      // `apply_query_key_layer_scaling` divides the scores and multiplies them again.
      attentionScale: headDim ** -0.5,
      attentionSoftcap: null,
      logitSoftcap: null,
      embeddingScale: 1,
      residualScale: 1,
      logitScale: 1,
      latent: null,
      experts: null,
      tiedHead: config.flag('tie_word_embeddings', false),
      ...reach,
      plan: uniformPlan(layers, { rope, window: null }),
    };
  },
  names: () => ({
    embedding: 'embedding.word_embeddings',
    head: 'output_layer',
    finalNorm: 'encoder.final_layernorm',
    layerList: 'encoder.layers',
    modules: {
      'self_attention.query_key_value': ['q', 'k', 'v'],
      'self_attention.dense': ['o'],
      'mlp.dense_h_to_4h': ['gate', 'up'],
      'mlp.dense_4h_to_h': ['down'],
    },
    norms: { attentionNorm: 'input_layernorm', ffnNorm: 'post_attention_layernorm' },
  }),
};

function refuseOtherForms(config: ConfigFields): void {
  const check = (field: string, fallback: boolean, wanted: boolean, hint: string): void => {
    if (config.flag(field, fallback) !== wanted) config.refuse(field, `is ${!wanted}, which is not supported`, hint);
  };
  check('position_encoding_2d', false, false, 'This is the first ChatGLM. ChatGLM2 and later ones are supported.');
  check('rmsnorm', true, true, 'Only ChatGLM models with RMSNorm are supported.');
  check('post_layer_norm', true, true, 'Only ChatGLM models with a norm after the last layer are supported.');
  check('original_rope', true, true, 'Only the rotation of the published ChatGLM models is supported.');
  check('interleaved_qkv', false, false, 'Only the layout of the published ChatGLM models is supported.');
  const residual = 'apply_residual_connection_post_layernorm';
  check(residual, false, false, 'Only ChatGLM models that add the input of a norm are supported.');
  if ((config.raw('pre_seq_len') ?? null) !== null)
    config.refuse('pre_seq_len', 'is set, which asks for a trained prefix', 'Use the model without the prefix.');
}
