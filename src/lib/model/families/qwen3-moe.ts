// Sparse Qwen 3 (30B-A3B and its like): Qwen 3 with experts in place of the feed-forward block.

import { readRope } from '../config-rope.ts';
import { expertNames } from './expert-names.ts';
import type { Family } from './family.ts';
import { llamaLikeNames, readLlamaLike, uniformPlan } from './llama-like.ts';
import { readQwenExperts } from './qwen-experts.ts';

export const qwen3Moe: Family = {
  modelTypes: ['qwen3_moe'],
  readArchitecture(config) {
    const base = readLlamaLike(config, {
      family: 'qwen3_moe',
      contextLength: 32_768,
      activation: 'silu',
      tiedHead: false,
      kvHeads: 4,
    });
    const { rope, ...reach } = readRope(config, base);
    const attentionBias = config.flag('attention_bias', false);
    const hasWindow = config.flag('use_sliding_window', false);
    return {
      ...base,
      qkvBias: attentionBias,
      outputBias: attentionBias,
      qkNorm: 'head',
      experts: readQwenExperts(config, base.layers, { count: 128, chosen: 8, ffn: 768, sharedFfn: null }),
      ...reach,
      // Unlike in dense models, a window is that of all layers.
      plan: uniformPlan(base.layers, {
        rope,
        window: hasWindow ? config.sizeOrNull('sliding_window', 2 ** 31, 4096) : null,
      }),
    };
  },
  names: (a) =>
    expertNames(a, llamaLikeNames(a), {
      router: 'mlp.gate',
      list: 'mlp.experts',
      gate: 'gate_proj',
      up: 'up_proj',
      down: 'down_proj',
    }),
};
