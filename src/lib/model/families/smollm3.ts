// SmolLM3: LLaMA in which every fourth layer does not rotate. Windows are off unless the config turns them on, and then only on
// the layers that do not rotate.

import { readRope } from '../config-rope.ts';
import type { ConfigFields } from '../config-fields.ts';
import type { Family } from './family.ts';
import { llamaLikeNames, readLlamaLike } from './llama-like.ts';

export const smollm3: Family = {
  modelTypes: ['smollm3'],
  readArchitecture(config) {
    const base = readLlamaLike(config, {
      family: 'smollm3',
      contextLength: 32_768,
      activation: 'silu',
      tiedHead: true,
      kvHeads: 4,
    });
    const { rope, ...reach } = readRope(config, base, { theta: 2_000_000 });
    const attentionBias = config.flag('attention_bias', false);
    const rotates = readRotatingLayers(config, base.layers);
    const types = config.layerTypes(base.layers);
    const window = config.sizeOrNull('sliding_window', 2 ** 31, null);
    const usesWindow = config.flag('use_sliding_window', false);
    if (types?.includes('sliding_attention') && window === null)
      config.fail('layer_types', 'asks for windows although sliding_window is not set');
    const isWindowed = (i: number) => (types ? types[i] === 'sliding_attention' : usesWindow && !rotates[i]!);
    return {
      ...base,
      qkvBias: attentionBias,
      outputBias: attentionBias,
      mlpBias: config.flag('mlp_bias', false),
      ...reach,
      plan: rotates.map((isRotating, i) => ({ rope: isRotating ? rope : null, window: isWindowed(i) ? window : null })),
    };
  },
  names: llamaLikeNames,
};

/** `no_rope_layers` holds 1 for a layer that rotates and 0 for one that does not, in spite of its name. */
function readRotatingLayers(config: ConfigFields, layers: number): boolean[] {
  const value = config.raw('no_rope_layers') ?? null;
  if (value === null) {
    const interval = config.size('no_rope_layer_interval', 512, 4);
    return Array.from({ length: layers }, (_, i) => (i + 1) % interval !== 0);
  }
  const isGood = Array.isArray(value) && value.length === layers && value.every((of) => of === 0 || of === 1);
  return isGood
    ? (value as number[]).map((of) => of === 1)
    : config.fail('no_rope_layers', `is not a list of ${layers} numbers that are 0 or 1`);
}
