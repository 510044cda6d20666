// Phi-3, Phi-3.5 and Phi-4: LLaMA with queries, keys and values in one matrix, gate and up in another.
// Phi-4-mini rotates three quarters of a head. Long contexts rotate by two lists of factors, beyond and within the original one.

import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { llamaLikeNames, readLlamaLike, refuseMixedLayers, uniformPlan } from './llama-like.ts';

// Early releases say "su" or "yarn" for what is now called "longrope".
const ROTATIONS = { default: 'default', longrope: 'longrope', su: 'longrope', yarn: 'longrope' } as const;

export const phi3: Family = {
  modelTypes: ['phi3'],
  readArchitecture(config) {
    const base = readLlamaLike(config, {
      family: 'phi3',
      contextLength: 4096,
      activation: 'silu',
      tiedHead: false,
      normEps: 1e-5,
    });
    const { rope, ...reach } = readRope(config, base, { share: 1, originalContextLength: 4096, types: ROTATIONS });
    const window = config.sizeOrNull('sliding_window', 2 ** 31, null);
    refuseMixedLayers(config, base.layers, window === null ? 'full_attention' : 'sliding_attention');
    return { ...base, ...reach, plan: uniformPlan(base.layers, { rope, window }) };
  },
  names: (architecture) => ({
    ...llamaLikeNames(architecture),
    modules: {
      'self_attn.qkv_proj': ['q', 'k', 'v'],
      'self_attn.o_proj': ['o'],
      'mlp.gate_up_proj': ['gate', 'up'],
      'mlp.down_proj': ['down'],
    },
  }),
};
