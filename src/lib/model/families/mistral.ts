// Mistral 7B and the models built on it: LLaMA with grouped queries and, in version 0.1, a window on every layer.
// An absent `sliding_window` is 4,096; an explicit null (version 0.2 and later) is no window.

import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { llamaLikeNames, readLlamaLike, refuseMixedLayers, uniformPlan } from './llama-like.ts';

export const mistral: Family = {
  modelTypes: ['mistral'],
  readArchitecture(config) {
    const base = readLlamaLike(config, {
      family: 'mistral',
      contextLength: 131_072,
      activation: 'silu',
      tiedHead: false,
      kvHeads: 8,
    });
    const { rope, ...reach } = readRope(config, base);
    const window = config.sizeOrNull('sliding_window', 2 ** 31, 4096);
    refuseMixedLayers(config, base.layers, window === null ? 'full_attention' : 'sliding_attention');
    return {
      ...base,
      ...reach,
      plan: uniformPlan(base.layers, { rope, window }),
    };
  },
  names: llamaLikeNames,
};
