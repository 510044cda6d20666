// GPT-2: learned positions, and matrices that are stored transposed (Conv1D) with queries, keys and values in one.

import type { Family } from './family.ts';
import { readGptLike, refuseFlag, restingPlan } from './gpt-like.ts';

const FIELDS = {
  hidden: ['n_embd', 'hidden_size'],
  heads: ['n_head', 'num_attention_heads'],
  layers: ['n_layer', 'num_hidden_layers'],
  ffn: ['n_inner'],
  context: ['n_positions', 'max_position_embeddings'],
  epsilon: 'layer_norm_epsilon',
  activation: 'activation_function',
};

export const gpt2: Family = {
  modelTypes: ['gpt2'],
  readArchitecture(config) {
    refuseFlag(config, 'scale_attn_by_inverse_layer_idx', 'Models that scale scores by layer are not supported.');
    refuseFlag(config, 'add_cross_attention', 'Only decoders without an encoder are supported.');
    const base = readGptLike(config, FIELDS, {
      family: 'gpt2',
      contextLength: 1024,
      activation: 'gelu-tanh',
      tiedHead: true,
    });
    return {
      ...base,
      learnedPositions: true,
      attentionScale: config.flag('scale_attn_weights', true) ? base.attentionScale : 1,
      plan: restingPlan(Array<null>(base.layers).fill(null)),
    };
  },
  names: () => ({
    embedding: 'wte',
    positions: 'wpe',
    head: 'lm_head',
    finalNorm: 'ln_f',
    layerList: 'h',
    isTransposed: true,
    modules: {
      'attn.c_attn': ['q', 'k', 'v'],
      'attn.c_proj': ['o'],
      'mlp.c_fc': ['up'],
      'mlp.c_proj': ['down'],
    },
    norms: { attentionNorm: 'ln_1', ffnNorm: 'ln_2' },
  }),
};
