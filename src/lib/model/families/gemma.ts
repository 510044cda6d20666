// Gemma 1: pre-norm, no windows, no soft caps.

import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { readGemmaLike } from './gemma-like.ts';
import { llamaLikeNames, refuseMixedLayers, uniformPlan } from './llama-like.ts';

export const gemma: Family = {
  modelTypes: ['gemma'],
  readArchitecture(config) {
    const base = readGemmaLike(config, { family: 'gemma', contextLength: 8192 });
    const { rope, ...reach } = readRope(config, base);
    refuseMixedLayers(config, base.layers, 'full_attention');
    return {
      ...base,
      ...reach,
      plan: uniformPlan(base.layers, { rope, window: null }),
    };
  },
  names: llamaLikeNames,
};
