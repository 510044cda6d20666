// Sparse Qwen 1.5 and 2 (A2.7B, 57B-A14B): Qwen 2 with experts, one of which every row uses, as much as a gate of its own says.

import { readRope } from '../config-rope.ts';
import { expertNames } from './expert-names.ts';
import type { Family } from './family.ts';
import { llamaLikeNames, readLlamaLike, refuseMixedLayers, uniformPlan } from './llama-like.ts';
import { readQwenExperts } from './qwen-experts.ts';

export const qwen2Moe: Family = {
  modelTypes: ['qwen2_moe'],
  readArchitecture(config) {
    const base = readLlamaLike(config, {
      family: 'qwen2_moe',
      contextLength: 32_768,
      activation: 'silu',
      tiedHead: false,
    });
    const { rope, ...reach } = readRope(config, base);
    if (config.flag('use_sliding_window', false)) {
      config.refuse('use_sliding_window', 'is set, which is not supported in this family', 'Turn it off.');
    }
    refuseMixedLayers(config, base.layers, 'full_attention');
    return {
      ...base,
      qkvBias: config.flag('qkv_bias', true),
      experts: readQwenExperts(config, base.layers, { count: 60, chosen: 4, ffn: 1408, sharedFfn: 5632 }),
      ...reach,
      plan: uniformPlan(base.layers, { rope, window: null }),
    };
  },
  names: (a) =>
    expertNames(a, llamaLikeNames(a), {
      router: 'mlp.gate',
      sharedGate: 'mlp.shared_expert_gate',
      shared: 'mlp.shared_expert',
      list: 'mlp.experts',
      gate: 'gate_proj',
      up: 'up_proj',
      down: 'down_proj',
    }),
};
