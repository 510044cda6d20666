// Qwen 1.5, 2 and 2.5 and R1-Distill-Qwen: LLaMA with a bias on queries, keys and values only.
// Windows are off unless the config turns them on.

import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { llamaLikeNames, readLlamaLike } from './llama-like.ts';
import { readQwenWindows } from './qwen-windows.ts';

export const qwen2: Family = {
  modelTypes: ['qwen2'],
  readArchitecture(config) {
    const base = readLlamaLike(config, { family: 'qwen2', contextLength: 32_768, activation: 'silu', tiedHead: false });
    const { rope, ...reach } = readRope(config, base);
    return {
      ...base,
      qkvBias: true,
      ...reach,
      plan: readQwenWindows(config, base.layers).map((window) => ({ rope, window })),
    };
  },
  names: llamaLikeNames,
};
