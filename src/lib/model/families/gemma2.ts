// Gemma 2: norms before and after both blocks, soft caps on scores and logits, a window on every even layer.

import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { gemmaScale, readGemmaLike } from './gemma-like.ts';
import { llamaLikeNames } from './llama-like.ts';

export const gemma2: Family = {
  modelTypes: ['gemma2'],
  readArchitecture(config) {
    const base = readGemmaLike(config, { family: 'gemma2', contextLength: 8192, kvHeads: 4 });
    const { rope, ...reach } = readRope(config, base);
    const sliding = config.sizeOrNull('sliding_window', 2 ** 31, 4096);
    const types = config.layerTypes(base.layers);
    const windowed = (i: number) => (types ? types[i] === 'sliding_attention' : i % 2 === 0);
    return {
      ...base,
      placement: 'sandwich',
      attentionScale: gemmaScale(config),
      attentionSoftcap: config.numberOrNull('attn_logit_softcapping', 1e-6, 1e9, 50),
      logitSoftcap: config.numberOrNull('final_logit_softcapping', 1e-6, 1e9, 30),
      ...reach,
      plan: Array.from({ length: base.layers }, (_, i) => ({ rope, window: windowed(i) ? sliding : null })),
    };
  },
  names: llamaLikeNames,
};
