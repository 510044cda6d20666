// GPT-NeoX and Pythia: a quarter of each head rotates, attention and feed-forward blocks read the stream side by side,
// and queries, keys and values are in one matrix, head by head.

import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { readGptLike } from './gpt-like.ts';
import { uniformPlan } from './llama-like.ts';

const FIELDS = {
  hidden: ['hidden_size'],
  heads: ['num_attention_heads'],
  layers: ['num_hidden_layers'],
  ffn: ['intermediate_size'],
  context: ['max_position_embeddings'],
  epsilon: 'layer_norm_eps',
  activation: 'hidden_act',
};

export const gptNeox: Family = {
  modelTypes: ['gpt_neox'],
  readArchitecture(config) {
    const base = readGptLike(config, FIELDS, {
      family: 'gpt_neox',
      contextLength: 2048,
      activation: 'gelu-erf',
      tiedHead: false,
    });
    const { rope, ...reach } = readRope(config, base, {
      theta: config.number('rotary_emb_base', 1.0001, 1e15, 10_000),
      share: config.number('rotary_pct', 0.01, 1, 0.25),
    });
    const attentionBias = config.flag('attention_bias', true);
    return {
      ...base,
      placement: config.flag('use_parallel_residual', true) ? 'parallel' : 'pre',
      qkvBias: attentionBias,
      outputBias: attentionBias,
      ...reach,
      plan: uniformPlan(base.layers, { rope, window: null }),
    };
  },
  names: ({ heads }) => ({
    embedding: 'embed_in',
    head: 'embed_out',
    // Its name since transformers 5.
    headAlias: 'lm_head',
    finalNorm: 'final_layer_norm',
    layerList: 'layers',
    fusedGroups: heads,
    modules: {
      'attention.query_key_value': ['q', 'k', 'v'],
      'attention.dense': ['o'],
      'mlp.dense_h_to_4h': ['up'],
      'mlp.dense_4h_to_h': ['down'],
    },
    norms: { attentionNorm: 'input_layernorm', ffnNorm: 'post_attention_layernorm' },
  }),
};
