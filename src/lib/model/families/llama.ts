// LLaMA 1 to 3.x and every model that uses its layout: TinyLlama, SmolLM2, Falcon3, DeepSeek-LLM, R1-Distill-Llama.
// Plain pre-norm decoder; optional biases; linear, llama3 and yarn context extension.

import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { llamaLikeNames, readLlamaLike, refuseMixedLayers, uniformPlan } from './llama-like.ts';

export const llama: Family = {
  modelTypes: ['llama'],
  readArchitecture(config) {
    const base = readLlamaLike(config, { family: 'llama', contextLength: 2048, activation: 'silu', tiedHead: false });
    const { rope, ...reach } = readRope(config, base);
    const attentionBias = config.flag('attention_bias', false);
    refuseMixedLayers(config, base.layers, 'full_attention');
    return {
      ...base,
      qkvBias: attentionBias,
      outputBias: attentionBias,
      mlpBias: config.flag('mlp_bias', false),
      ...reach,
      plan: uniformPlan(base.layers, { rope, window: null }),
    };
  },
  names: llamaLikeNames,
};
