// BLOOM and BLOOMZ: ALiBi instead of positions, a norm behind the embedding, and queries, keys and values in one matrix, head by head.

import type { Family } from './family.ts';
import { readGptLike, refuseFlag, restingPlan } from './gpt-like.ts';

const FIELDS = {
  hidden: ['n_embed', 'hidden_size'],
  heads: ['n_head', 'num_attention_heads'],
  layers: ['n_layer', 'num_hidden_layers'],
  ffn: [],
  context: ['seq_length'],
  epsilon: 'layer_norm_epsilon',
  activation: 'hidden_act',
};

export const bloom: Family = {
  modelTypes: ['bloom'],
  readArchitecture(config) {
    refuseFlag(
      config,
      'apply_residual_connection_post_layernorm',
      'Only BLOOM models that add the input of a norm are supported.',
    );
    const base = readGptLike(config, FIELDS, {
      family: 'bloom',
      contextLength: 2048,
      activation: 'gelu-tanh',
      tiedHead: true,
    });
    return {
      ...base,
      embeddingNorm: true,
      alibi: 'exact',
      plan: restingPlan(Array<null>(base.layers).fill(null)),
    };
  },
  names: ({ heads }) => ({
    embedding: 'word_embeddings',
    embeddingNorm: 'word_embeddings_layernorm',
    head: 'lm_head',
    finalNorm: 'ln_f',
    layerList: 'h',
    fusedGroups: heads,
    modules: {
      'self_attention.query_key_value': ['q', 'k', 'v'],
      'self_attention.dense': ['o'],
      'mlp.dense_h_to_4h': ['up'],
      'mlp.dense_4h_to_h': ['down'],
    },
    norms: { attentionNorm: 'input_layernorm', ffnNorm: 'post_attention_layernorm' },
  }),
};
