// Rotary settings of a config in both dialects: rope_theta with rope_scaling, or rope_parameters.
// It knows field names and bounds; the frequencies themselves are computed elsewhere.

import { isJsonObject, type JsonObject } from '#lib/core/format/json-file.ts';
import type { Rope, RopeScaling } from './architecture.ts';
import { createConfigFields, type ConfigFields } from './config-fields.ts';

const MAX_THETA = 1e15;
const MAX_CONTEXT = 2 ** 31;

/** One rope for all layers, and the share of a head that rotates. */
export function readRope(config: ConfigFields, thetaDefault = 10_000): { rope: Rope; partial: number } {
  const parameters = objectField(config, 'rope_parameters');
  const nested = Object.keys(parameters).find((key) => isJsonObject(parameters[key]));
  if (nested !== undefined) {
    config.refuse(
      'rope_parameters',
      `gives "${nested}" its own rotation, which this family does not have`,
      'Check model_type.',
    );
  }
  const fields = within(config, { ...pick(config), ...objectField(config, 'rope_scaling'), ...parameters });
  return { rope: ropeOf(fields, thetaDefault, config), partial: fields.number('partial_rotary_factor', 0.01, 1, 1) };
}

/** Gemma 3: full layers and sliding layers turn at different rates. */
export function readTwoRopes(
  config: ConfigFields,
  fullTheta: number,
  slidingTheta: number,
): { full: Rope; sliding: Rope } {
  const parameters = objectField(config, 'rope_parameters');
  const keys = Object.keys(parameters).filter((key) => parameters[key] !== null);
  const unknown = keys.find((key) => key !== 'full_attention' && key !== 'sliding_attention');
  if (unknown !== undefined) {
    config.refuse(
      'rope_parameters',
      `has "${unknown}"; this family needs full_attention and sliding_attention`,
      'Check model_type.',
    );
  }
  const part = (key: string): JsonObject => {
    const value = parameters[key] ?? {};
    return isJsonObject(value) ? value : config.fail('rope_parameters', `: "${key}" is not an object`);
  };
  const full = { ...pick(config), ...objectField(config, 'rope_scaling'), ...part('full_attention') };
  const local = config.raw('rope_local_base_freq') ?? null;
  const sliding = { ...(local === null ? {} : { rope_theta: local }), ...part('sliding_attention') };
  return {
    full: ropeOf(within(config, full), fullTheta, config),
    sliding: ropeOf(within(config, sliding), slidingTheta, config),
  };
}

function ropeOf(fields: ConfigFields, thetaDefault: number, config: ConfigFields): Rope {
  return { theta: fields.number('rope_theta', 1.0001, MAX_THETA, thetaDefault), scaling: scalingOf(fields, config) };
}

function scalingOf(fields: ConfigFields, config: ConfigFields): RopeScaling {
  const type = (fields.raw('rope_type') ?? fields.raw('type') ?? 'default') as string;
  const factor = () => fields.number('factor', 1e-3, 1e6);
  const context = () => config.size('max_position_embeddings', MAX_CONTEXT);
  switch (type) {
    case 'default':
      return { type };
    case 'linear':
      return { type, factor: factor() };
    case 'llama3':
      return readLlama3(fields, factor());
    case 'yarn':
      return {
        type,
        factor: factor(),
        originalContextLength: fields.sizeOrNull('original_max_position_embeddings', MAX_CONTEXT, null) ?? context(),
        betaFast: fields.number('beta_fast', 0, 1e6, 32) || 32,
        betaSlow: fields.number('beta_slow', 0, 1e6, 1) || 1,
        attentionFactor: fields.numberOrNull('attention_factor', 0, 1e6, null),
        mscale: fields.numberOrNull('mscale', 0, 1e6, null),
        mscaleAllDim: fields.numberOrNull('mscale_all_dim', 0, 1e6, null),
        truncate: fields.flag('truncate', true),
      };
    default:
      return config.refuse(
        'rope_scaling',
        `asks for rotation of type ${JSON.stringify(type).slice(0, 60)}, which is not supported`,
        'Supported: default, linear, llama3, yarn.',
      );
  }
}

function readLlama3(fields: ConfigFields, factor: number): RopeScaling {
  const lowFrequencyFactor = fields.number('low_freq_factor', 1e-6, 1e6);
  const highFrequencyFactor = fields.number('high_freq_factor', 1e-6, 1e6);
  if (highFrequencyFactor <= lowFrequencyFactor) {
    return fields.fail(
      'high_freq_factor',
      `is ${highFrequencyFactor}, not above low_freq_factor (${lowFrequencyFactor})`,
    );
  }
  const originalContextLength = fields.size('original_max_position_embeddings', MAX_CONTEXT);
  return { type: 'llama3', factor, lowFrequencyFactor, highFrequencyFactor, originalContextLength };
}

/** Hub dialect: these two stand beside rope_scaling, not in it. */
function pick(config: ConfigFields): JsonObject {
  const out: Record<string, unknown> = {};
  for (const field of ['rope_theta', 'partial_rotary_factor']) {
    const value = config.raw(field) ?? null;
    if (value !== null) out[field] = value;
  }
  return out;
}

function objectField(config: ConfigFields, field: string): JsonObject {
  const value = config.raw(field) ?? {};
  return isJsonObject(value) ? value : config.fail(field, 'is not an object');
}

const within = (config: ConfigFields, values: JsonObject): ConfigFields => createConfigFields(values, config.file);
