// Qwen 3: every query and key head is RMS-normalised before rotation, and a head is 128 wide unless the config says otherwise.
// Windows are off unless the config turns them on.

import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { llamaLikeNames, readLlamaLike } from './llama-like.ts';
import { readQwenWindows } from './qwen-windows.ts';

export const qwen3: Family = {
  modelTypes: ['qwen3'],
  readArchitecture(config) {
    const base = readLlamaLike(config, {
      family: 'qwen3',
      contextLength: 32_768,
      activation: 'silu',
      tiedHead: false,
      headDim: 128,
    });
    const { rope, ...reach } = readRope(config, base);
    const attentionBias = config.flag('attention_bias', false);
    return {
      ...base,
      qkvBias: attentionBias,
      outputBias: attentionBias,
      qkNorm: 'head',
      ...reach,
      plan: readQwenWindows(config, base.layers).map((window) => ({ rope, window })),
    };
  },
  names: llamaLikeNames,
};
