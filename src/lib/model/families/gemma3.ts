// Gemma 3: like Gemma 2 without score caps, with normalised queries and keys, and five sliding layers per full layer. Full layers
// have a higher rope base (scaled from 4B on) than sliding layers.

import { readTwoRopes } from '../config-rope.ts';
import type { Family } from './family.ts';
import { gemmaScale, readGemmaLike } from './gemma-like.ts';
import { llamaLikeNames } from './llama-like.ts';

// The 4B config and its larger siblings leave these fields out.
const SIZES = { vocab: 262_208, hidden: 2304, ffn: 9216, layers: 26, heads: 8 };

export const gemma3: Family = {
  modelTypes: ['gemma3_text', 'gemma3'],
  readArchitecture(config) {
    const base = readGemmaLike(config, { family: 'gemma3', contextLength: 131_072, kvHeads: 4, sizes: SIZES });
    const ropes = readTwoRopes(config, base, 1_000_000, 10_000);
    const sliding = config.sizeOrNull('sliding_window', 2 ** 31, 4096);
    const types = config.layerTypes(base.layers);
    const pattern = config.size(
      (config.raw('sliding_window_pattern') ?? null) === null ? '_sliding_window_pattern' : 'sliding_window_pattern',
      512,
      6,
    );
    if ((config.raw('attn_logit_softcapping') ?? null) !== null) {
      config.refuse('attn_logit_softcapping', 'is set, which no Gemma 3 model does', 'Check model_type.');
    }
    return {
      ...base,
      placement: 'sandwich',
      qkNorm: 'head',
      attentionScale: gemmaScale(config),
      logitSoftcap: config.numberOrNull('final_logit_softcapping', 1e-6, 1e9, null),
      ropeDim: base.headDim,
      plan: Array.from({ length: base.layers }, (_, i) =>
        (types ? types[i] === 'sliding_attention' : (i + 1) % pattern !== 0)
          ? { rope: ropes.sliding, window: sliding }
          : { rope: ropes.full, window: null },
      ),
    };
  },
  names: llamaLikeNames,
};
