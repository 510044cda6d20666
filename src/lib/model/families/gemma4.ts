// Gemma 4, the text model without experts: as Gemma 3 with larger heads in full layers, values that pass a norm, a learned factor for
// each layer's output, and, in small models, a further input of each layer and last layers that read the keys of earlier ones.

import { isJsonObject } from '#lib/formats/json/json-file.ts';
import type { LayerPlan, LayerSizes } from '../architecture.ts';
import { createConfigFields, type ConfigFields } from '../config-fields.ts';
import { readTwoRopes } from '../config-rope.ts';
import type { Family } from './family.ts';
import { readGemmaLike } from './gemma-like.ts';
import { llamaLikeNames } from './llama-like.ts';

const SIZES = { vocab: 262_144, hidden: 2304, ffn: 9216, layers: 30, heads: 8 };
/** Of a config without `rope_parameters`. */
const ROPES = {
  full_attention: { rope_type: 'proportional', partial_rotary_factor: 0.25, rope_theta: 1_000_000 },
  sliding_attention: { rope_type: 'default', rope_theta: 10_000 },
};

export const gemma4: Family = {
  modelTypes: ['gemma4_text', 'gemma4'],
  readArchitecture(config) {
    const base = readGemmaLike(config, { family: 'gemma4', contextLength: 131_072, kvHeads: 4, sizes: SIZES });
    if (config.flag('enable_moe_block', false))
      config.refuse('enable_moe_block', 'is set, which is not supported', 'Choose a Gemma 4 model without experts.');
    if (base.qkvBias)
      config.refuse('attention_bias', 'is set, which is not supported', 'Choose a model without biases.');
    const isFull = fullLayers(config, base.layers);
    const plan = readPlan(config, base, isFull);
    return {
      ...base,
      normPlusOne: false,
      placement: 'sandwich',
      qkNorm: 'head',
      valueNorm: true,
      layerScale: true,
      ...readLayerInput(config, base.vocab),
      attentionScale: 1,
      logitSoftcap: config.numberOrNull('final_logit_softcapping', 1e-6, 1e9, null),
      ropeDim: base.headDim,
      plan,
    };
  },
  names: (architecture) => {
    const { modules, ...names } = llamaLikeNames(architecture);
    return {
      ...names,
      layerScale: 'layer_scalar',
      modules: {
        ...modules,
        ...(architecture.layerInput && { per_layer_input_gate: ['inputGate'], per_layer_projection: ['inputOut'] }),
      },
      norms: {
        ...names.norms,
        ...(architecture.layerInput && { inputOutNorm: 'post_per_layer_input_norm' }),
      },
      ...(architecture.layerInput && {
        layerInput: {
          table: 'embed_tokens_per_layer',
          projection: 'per_layer_model_projection',
          norm: 'per_layer_projection_norm',
        },
      }),
    };
  },
};

/** By layer. The last layer is a full one in any case. */
function fullLayers(config: ConfigFields, layers: number): boolean[] {
  const types = config.layerTypes(layers);
  return Array.from(
    { length: layers },
    (_, i) => i === layers - 1 || (types ? types[i] === 'full_attention' : (i + 1) % 6 === 0),
  );
}

function readLayerInput(config: ConfigFields, vocab: number): { layerInput?: number } {
  const width = config.raw('hidden_size_per_layer_input') === null ? 0 : inputWidth(config);
  if (width === 0) return {};
  if (width % 4 !== 0) config.fail('hidden_size_per_layer_input', `is ${width}, which is not a multiple of 4`);
  const rows = config.size('vocab_size_per_layer_input', 2_000_000, 262_144);
  if (rows !== vocab)
    config.refuse(
      'vocab_size_per_layer_input',
      `is ${rows}, and vocab_size is ${vocab}; tables of different lengths are not supported`,
      'Check both fields.',
    );
  return { layerInput: width };
}

const inputWidth = (config: ConfigFields): number => {
  const width = config.number('hidden_size_per_layer_input', 0, 65_536, 256);
  return Number.isInteger(width)
    ? width
    : config.fail('hidden_size_per_layer_input', `is ${width}, not a whole number`);
};

function readPlan(
  config: ConfigFields,
  base: { layers: number; headDim: number; contextLength: number; ffn: number; kvHeads: number },
  isFull: readonly boolean[],
): LayerPlan[] {
  const { layers, ffn } = base;
  const ropes = readTwoRopes(config, base, 1_000_000, 10_000, ROPES);
  const window = config.size('sliding_window', 2 ** 31, 512);
  const isTied = config.flag('attention_k_eq_v', false);
  const shared = config.number('num_kv_shared_layers', 0, layers - 1, 0);
  if (!Number.isInteger(shared)) config.fail('num_kv_shared_layers', `is ${shared}, not a whole number`);
  const isWide = config.flag('use_double_wide_mlp', false);
  const own = layers - shared;
  const ofLayer = readLayerSizes(config, base, isFull, isTied);
  return isFull.map((full, i): LayerPlan => {
    const isShared = i >= own;
    const keysOf = isShared ? isFull.lastIndexOf(full, own - 1) : undefined;
    if (keysOf === -1)
      config.fail('num_kv_shared_layers', `is ${shared}: layer ${i} has no earlier layer of its kind to read`);
    const projects = isShared ? 'q' : isTied && full ? 'qk' : undefined;
    const sizes: LayerSizes = {
      ...ofLayer(i),
      ...(projects && { projects }),
      ...(isShared && isWide && { ffn: 2 * ffn }),
    };
    return {
      ...(full ? { rope: ropes.full, window: null } : { rope: ropes.sliding, window }),
      ...(keysOf !== undefined && { keysOf }),
      ...(Object.keys(sizes).length > 0 && { sizes }),
    };
  });
}

/** Head sizes of a layer: from `per_layer_config`, which newer files have, or from the fields for full layers. */
function readLayerSizes(
  config: ConfigFields,
  base: { layers: number },
  isFull: readonly boolean[],
  isTied: boolean,
): (layer: number) => LayerSizes {
  const given = config.raw('per_layer_config') ?? null;
  if (given === null) {
    const headDim = config.size('global_head_dim', 4096, 512);
    const kvHeads = isTied ? config.sizeOrNull('num_global_key_value_heads', 4096, null) : null;
    return (layer) => (isFull[layer] ? { headDim, ropeDim: headDim, ...(kvHeads !== null && { kvHeads }) } : {});
  }
  if (!isJsonObject(given)) return config.fail('per_layer_config', 'is not an object');
  for (const key of Object.keys(given))
    if (!/^\d{1,3}$/.test(key) || Number(key) >= base.layers)
      config.refuse('per_layer_config', `has "${key.slice(0, 60)}", which is not a layer's number`, 'Check the file.');
  return (layer) => {
    const fields = given[String(layer)];
    return fields === undefined ? {} : readOverrides(config, fields);
  };
}

function readOverrides(config: ConfigFields, given: unknown): LayerSizes {
  if (!isJsonObject(given)) return config.fail('per_layer_config', 'has a layer that is not an object');
  const fields = createConfigFields(given, config.file);
  const unknown = Object.keys(given).find((key) => key !== 'head_dim' && key !== 'num_key_value_heads');
  if (unknown !== undefined)
    config.refuse(
      'per_layer_config',
      `sets "${unknown.slice(0, 60)}" of a layer, which is not supported`,
      'Supported: head_dim, num_key_value_heads.',
    );
  const headDim = fields.sizeOrNull('head_dim', 4096, null);
  const kvHeads = fields.sizeOrNull('num_key_value_heads', 4096, null);
  return { ...(headDim !== null && { headDim, ropeDim: headDim }), ...(kvHeads !== null && { kvHeads }) };
}
