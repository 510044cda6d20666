// Ministral 3: Mistral with yarn rotation, and queries that grow with the logarithm of their position beyond the original context.

import { isJsonObject } from '#lib/formats/json/json-file.ts';
import { createConfigFields, type ConfigFields } from '../config-fields.ts';
import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { llamaLikeNames, readLlamaLike, refuseMixedLayers, uniformPlan } from './llama-like.ts';

export const ministral3: Family = {
  modelTypes: ['ministral3'],
  readArchitecture(config) {
    const base = readLlamaLike(config, {
      family: 'ministral3',
      contextLength: 262_144,
      activation: 'silu',
      tiedHead: false,
      normEps: 1e-5,
      kvHeads: 8,
      headDim: 128,
    });
    const { rope, ...reach } = readRope(config, base, { theta: 1_000_000 });
    const window = config.sizeOrNull('sliding_window', 2 ** 31, null);
    refuseMixedLayers(config, base.layers, window === null ? 'full_attention' : 'sliding_attention');
    return {
      ...base,
      queryGrowth: readQueryGrowth(config),
      ...reach,
      plan: uniformPlan(base.layers, { rope, window }),
    };
  },
  names: llamaLikeNames,
};

function readQueryGrowth(config: ConfigFields): { factor: number; every: number } {
  const parameters = config.raw('rope_parameters') ?? config.raw('rope_scaling');
  if (!isJsonObject(parameters)) return config.fail('rope_parameters', 'is missing');
  const fields = createConfigFields(parameters, config.file);
  return {
    factor: fields.number('llama_4_scaling_beta', 0, 100),
    every: fields.size('original_max_position_embeddings', 2 ** 31),
  };
}
