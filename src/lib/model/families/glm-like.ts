// What GLM-4 and GLM-4-0414 share: half of each head rotates, in neighbouring pairs; gate and up are in one matrix;
// queries, keys and values have biases, the output has none.

import { readRope } from '../config-rope.ts';
import type { Architecture } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';
import type { ModelNames } from './family.ts';
import { llamaLikeNames, readLlamaLike, refuseMixedLayers, uniformPlan } from './llama-like.ts';

export function readGlmLike(config: ConfigFields, family: string): Architecture {
  const base = readLlamaLike(config, {
    family,
    contextLength: 131_072,
    activation: 'silu',
    tiedHead: false,
    normEps: 1.5625e-7,
    kvHeads: 2,
    headDim: 128,
  });
  const { rope, ...reach } = readRope(config, base, { share: 0.5 });
  refuseMixedLayers(config, base.layers, 'full_attention');
  return {
    ...base,
    qkvBias: config.flag('attention_bias', true),
    ropePairing: 'interleaved',
    ...reach,
    plan: uniformPlan(base.layers, { rope, window: null }),
  };
}

export const glmLikeNames = (architecture: Architecture): ModelNames => ({
  ...llamaLikeNames(architecture),
  modules: {
    'self_attn.q_proj': ['q'],
    'self_attn.k_proj': ['k'],
    'self_attn.v_proj': ['v'],
    'self_attn.o_proj': ['o'],
    'mlp.gate_up_proj': ['gate', 'up'],
    'mlp.down_proj': ['down'],
  },
});
