// OLMo 2: LLaMA that norms only the outputs of its blocks, and queries and keys over all their heads together.

import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { llamaLikeNames, readLlamaLike, refuseMixedLayers, uniformPlan } from './llama-like.ts';

export const olmo2: Family = {
  modelTypes: ['olmo2'],
  readArchitecture(config) {
    const base = readLlamaLike(config, {
      family: 'olmo2',
      contextLength: 2048,
      activation: 'silu',
      tiedHead: false,
      normEps: 1e-5,
    });
    const { rope, ...reach } = readRope(config, base);
    const attentionBias = config.flag('attention_bias', false);
    refuseMixedLayers(config, base.layers, 'full_attention');
    return {
      ...base,
      placement: 'post',
      qkNorm: 'whole',
      qkvBias: attentionBias,
      outputBias: attentionBias,
      ...reach,
      plan: uniformPlan(base.layers, { rope, window: null }),
    };
  },
  names: (architecture) => ({
    ...llamaLikeNames(architecture),
    norms: {
      attentionOutNorm: 'post_attention_layernorm',
      ffnOutNorm: 'post_feedforward_layernorm',
      qNorm: 'self_attn.q_norm',
      kNorm: 'self_attn.k_norm',
    },
  }),
};
