// Phi-1, Phi-1.5 and Phi-2: half of each head rotates, both blocks read one norm side by side, and the head has a bias.

import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { readGptLike, refuseFlag } from './gpt-like.ts';
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

export const phi: Family = {
  modelTypes: ['phi'],
  readArchitecture(config) {
    refuseFlag(config, 'qk_layernorm', 'Phi models that normalise queries and keys are not supported.');
    const base = readGptLike(config, FIELDS, {
      family: 'phi',
      contextLength: 2048,
      activation: 'gelu-tanh',
      tiedHead: false,
    });
    const { rope, ...reach } = readRope(config, base, { share: 0.5 });
    return {
      ...base,
      kvHeads: config.sizeOrNull('num_key_value_heads', 4096, null) ?? base.heads,
      placement: 'parallel',
      sharesNorm: true,
      headBias: true,
      ...reach,
      plan: uniformPlan(base.layers, { rope, window: null }),
    };
  },
  names: () => ({
    embedding: 'embed_tokens',
    head: 'lm_head',
    finalNorm: 'final_layernorm',
    layerList: 'layers',
    modules: {
      'self_attn.q_proj': ['q'],
      'self_attn.k_proj': ['k'],
      'self_attn.v_proj': ['v'],
      'self_attn.dense': ['o'],
      'mlp.fc1': ['up'],
      'mlp.fc2': ['down'],
    },
    norms: { attentionNorm: 'input_layernorm' },
  }),
};
