// Granite 3: LLaMA with four multipliers, for the embedding, the output of each block, the scores and the logits.

import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { llamaLikeNames, readLlamaLike, refuseMixedLayers, uniformPlan } from './llama-like.ts';

export const granite: Family = {
  modelTypes: ['granite'],
  readArchitecture(config) {
    const base = readLlamaLike(config, { family: 'granite', contextLength: 2048, activation: 'silu', tiedHead: false });
    const { rope, ...reach } = readRope(config, base);
    const attentionBias = config.flag('attention_bias', false);
    const multiplier = (field: string) => config.number(field, 1e-6, 1e6, 1);
    refuseMixedLayers(config, base.layers, 'full_attention');
    return {
      ...base,
      qkvBias: attentionBias,
      outputBias: attentionBias,
      mlpBias: config.flag('mlp_bias', false),
      embeddingScale: multiplier('embedding_multiplier'),
      residualScale: multiplier('residual_multiplier'),
      attentionScale: multiplier('attention_multiplier'),
      logitScale: 1 / multiplier('logits_scaling'),
      ...reach,
      plan: uniformPlan(base.layers, { rope, window: null }),
    };
  },
  names: llamaLikeNames,
};
