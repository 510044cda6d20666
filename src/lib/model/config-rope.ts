// Reads the rotary settings of a config in both dialects: rope_theta with rope_scaling, or rope_parameters. The frequencies are
// computed elsewhere.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import type { Architecture, Rope, RopeScaling } from './architecture.ts';
import { createConfigFields, type ConfigFields } from './config-fields.ts';

const MAX_THETA = 1e15;
const MAX_CONTEXT = 2 ** 31;

export interface RopeDefaults {
  theta?: number;
  /** Default share of a head that rotates. Set only for families with partial rotation. */
  share?: number;
  /** Original context length used when the config gives none outside its rotation settings; it takes precedence over one inside. */
  originalContextLength?: number;
  /** Supported rotation types by the names in this family's configs. */
  types?: Readonly<Record<string, RopeScaling['type']>>;
}

/** One rope for all layers, the number of rotated dimensions, and the resulting context length. */
export function readRope(
  config: ConfigFields,
  { headDim, contextLength }: Pick<Architecture, 'headDim' | 'contextLength'>,
  defaults: RopeDefaults = {},
): { rope: Rope; ropeDim: number; contextLength: number } {
  // Like transformers: rope_scaling, when set, takes precedence over the newer field.
  const scaling = objectField(config, 'rope_scaling');
  const parameters = Object.keys(scaling).length > 0 ? scaling : objectField(config, 'rope_parameters');
  const nested = Object.keys(parameters).find((key) => isJsonObject(parameters[key]));
  if (nested !== undefined) {
    config.refuse(
      'rope_parameters',
      `gives "${nested}" its own rotation, which this family does not have`,
      'Check model_type.',
    );
  }
  const fields = within(config, { ...pick(config), ...parameters });
  const { share } = defaults;
  const ropeDim = share === undefined ? headDim : Math.floor(headDim * partialFactor(fields, share));
  const rope = ropeOf(fields, config, { ropeDim, contextLength }, defaults);
  return { rope, ropeDim, contextLength: Math.max(contextLength, reachOf(rope.scaling, contextLength)) };
}

/** Length of the extended context: the factor times the original. */
function reachOf(scaling: RopeScaling, contextLength: number): number {
  switch (scaling.type) {
    case 'linear':
      return Math.floor(scaling.factor * contextLength);
    case 'llama3':
    case 'yarn':
    case 'dynamic':
      return Math.floor(scaling.factor * scaling.originalContextLength);
    default:
      return contextLength;
  }
}

/** Gemma 3 and 4: full and sliding layers use different bases. */
export function readTwoRopes(
  config: ConfigFields,
  { headDim, contextLength }: Pick<Architecture, 'headDim' | 'contextLength'>,
  fullTheta: number,
  slidingTheta: number,
  /** In place of `rope_parameters` where the config has none. */
  absent: JsonObject = {},
): { full: Rope; sliding: Rope } {
  const given = objectField(config, 'rope_parameters');
  const parameters = Object.keys(given).length > 0 ? given : absent;
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
  const full = { ...pick(config), ...part('full_attention'), ...objectField(config, 'rope_scaling') };
  const local = config.raw('rope_local_base_freq') ?? null;
  const sliding = { ...(local === null ? {} : { rope_theta: local }), ...part('sliding_attention') };
  const sizes = { ropeDim: headDim, contextLength };
  return {
    full: ropeOf(within(config, full), config, sizes, { theta: fullTheta }),
    sliding: ropeOf(within(config, sliding), config, sizes, { theta: slidingTheta }),
  };
}

type Sizes = Pick<Architecture, 'ropeDim' | 'contextLength'>;

const partialFactor = (fields: ConfigFields, fallback: number) =>
  fields.number('partial_rotary_factor', 0.01, 1, fallback);

function ropeOf(fields: ConfigFields, config: ConfigFields, sizes: Sizes, defaults: RopeDefaults): Rope {
  const scaling = scalingOf(fields, config, sizes, defaults);
  // This family rotates whole heads. transformers ignores the field without scaling; with scaling it would use it, and the result
  // would not fit the head.
  const partial = partialFactor(fields, 1);
  if (defaults.share === undefined && partial !== 1 && scaling.type !== 'default' && scaling.type !== 'proportional') {
    config.refuse(
      'partial_rotary_factor',
      `is ${partial} beside rotation of type "${scaling.type}", but this family rotates whole heads`,
      'Remove that field.',
    );
  }
  return { theta: fields.number('rope_theta', 1.0001, MAX_THETA, defaults.theta ?? 10_000), scaling };
}

const ALL_TYPES = Object.fromEntries(
  (['default', 'linear', 'llama3', 'yarn', 'dynamic', 'longrope', 'proportional'] as const).map((type) => [type, type]),
);

function scalingOf(
  fields: ConfigFields,
  config: ConfigFields,
  { ropeDim, contextLength }: Sizes,
  { originalContextLength: originalDefault, types = ALL_TYPES }: RopeDefaults,
): RopeScaling {
  const named = fields.raw('rope_type') ?? fields.raw('type') ?? 'default';
  const type = typeof named === 'string' && Object.hasOwn(types, named) ? types[named] : undefined;
  const factor = () => fields.number('factor', 1e-3, 1e6);
  // A value outside the rotation settings takes precedence; without any the context is not extended yet.
  const original = () =>
    config.sizeOrNull('original_max_position_embeddings', MAX_CONTEXT, null) ??
    originalDefault ??
    fields.sizeOrNull('original_max_position_embeddings', MAX_CONTEXT, null) ??
    contextLength;
  const factorOrRatio = () => fields.numberOrNull('factor', 1e-3, 1e6, null) ?? contextLength / original();
  switch (type) {
    case 'default':
      return { type };
    case 'linear':
      return { type, factor: factor() };
    case 'proportional':
      return {
        type,
        factor: fields.number('factor', 1e-3, 1e6, 1),
        share: fields.number('partial_rotary_factor', 0, 1, 1),
      };
    case 'dynamic':
      return { type, factor: fields.number('factor', 1, 1e6), originalContextLength: contextLength };
    case 'llama3':
      return readLlama3(fields, factor(), original());
    case 'longrope': {
      const originalContextLength = original();
      const grown = factorOrRatio();
      const ofFactor = grown <= 1 ? 1 : Math.sqrt(1 + Math.log(grown) / Math.log(originalContextLength));
      return {
        type,
        originalContextLength,
        shortFactor: factorList(fields, 'short_factor', ropeDim / 2),
        longFactor: factorList(fields, 'long_factor', ropeDim / 2),
        attentionFactor: fields.numberOrNull('attention_factor', 0, 1e6, null) ?? ofFactor,
      };
    }
    case 'yarn':
      return {
        type,
        factor: factorOrRatio(),
        originalContextLength: original(),
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
        `asks for rotation of type ${JSON.stringify(named).slice(0, 60)}, which is not supported`,
        `Supported: ${Object.keys(types).join(', ')}.`,
      );
  }
}

function factorList(fields: ConfigFields, field: string, length: number): number[] {
  const value = fields.raw(field);
  const good =
    Array.isArray(value) &&
    value.length === length &&
    value.every((factor) => typeof factor === 'number' && factor > 0 && factor <= 1e6);
  return good
    ? (value as number[])
    : fields.fail(field, `is not a list of ${length} factors (half of what rotates of a head)`);
}

function readLlama3(fields: ConfigFields, factor: number, originalContextLength: number): RopeScaling {
  const lowFrequencyFactor = fields.number('low_freq_factor', 1e-6, 1e6);
  const highFrequencyFactor = fields.number('high_freq_factor', 1e-6, 1e6);
  if (highFrequencyFactor <= lowFrequencyFactor) {
    return fields.fail(
      'high_freq_factor',
      `is ${highFrequencyFactor}, not above low_freq_factor (${lowFrequencyFactor})`,
    );
  }
  return { type: 'llama3', factor, lowFrequencyFactor, highFrequencyFactor, originalContextLength };
}

/** Hub dialect: these two fields are beside rope_scaling, not in it. */
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
