// Typed, bounded access to the fields of a config: a wrong type or an implausible size is an error that names the field.

import type { JsonObject } from '#lib/formats/json/json-file.ts';
import type { Activation } from './architecture.ts';
import { ConfigError, UnsupportedModelError } from './errors.ts';

export type LayerType = 'full_attention' | 'sliding_attention' | 'conv';

export interface ConfigFields {
  readonly file: string;
  /** The raw value; undefined when absent, null when the config says null. */
  raw(field: string): unknown;
  /** A whole number in [min, max]; the fallback when absent or null. Without one the field is required. */
  size(field: string, max: number, fallback?: number): number;
  /** A finite number in [min, max]; the fallback when absent or null. */
  number(field: string, min: number, max: number, fallback?: number): number;
  /** Null when the config has null, the fallback when the field is absent. */
  numberOrNull(field: string, min: number, max: number, fallback: number | null): number | null;
  sizeOrNull(field: string, max: number, fallback: number | null): number | null;
  flag(field: string, fallback: boolean): boolean;
  /** The activation named by the first of `fields` that is set. */
  activation(fields: string[], fallback: Activation): Activation;
  /** One entry per layer, or null when absent. Refuses other kinds than those given; by default full and sliding attention. */
  layerTypes(layers: number, kinds?: readonly LayerType[]): LayerType[] | null;
  fail(field: string, what: string): never;
  refuse(field: string, what: string, hint: string): never;
}

const ACTIVATIONS: Record<string, Activation> = {
  silu: 'silu',
  swish: 'silu',
  gelu: 'gelu-erf',
  gelu_new: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  relu: 'relu',
};

export function createConfigFields(config: JsonObject, file: string): ConfigFields {
  const fail = (field: string, what: string): never => {
    throw new ConfigError(file, field, what);
  };
  const refuse = (field: string, what: string, hint: string): never => {
    throw new UnsupportedModelError(file, field, what, hint);
  };
  const raw = (field: string): unknown => (Object.hasOwn(config, field) ? config[field] : undefined);
  const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80));

  const number = (field: string, min: number, max: number, fallback?: number): number => {
    const value = raw(field) ?? fallback;
    if (value === undefined) return fail(field, 'is missing');
    if (typeof value !== 'number' || !Number.isFinite(value)) return fail(field, `is ${show(value)}, not a number`);
    if (value < min || value > max) return fail(field, `is ${value}; ${min} to ${max} is accepted`);
    return value;
  };
  const size = (field: string, max: number, fallback?: number): number => {
    const value = number(field, 1, max, fallback);
    return Number.isInteger(value) ? value : fail(field, `is ${value}, not a whole number`);
  };

  return {
    file,
    raw,
    size,
    number,
    numberOrNull: (field, min, max, fallback) =>
      raw(field) === null
        ? null
        : raw(field) === undefined && fallback === null
          ? null
          : number(field, min, max, fallback ?? undefined),
    sizeOrNull: (field, max, fallback) =>
      raw(field) === null
        ? null
        : raw(field) === undefined && fallback === null
          ? null
          : size(field, max, fallback ?? undefined),
    flag: (field, fallback) => {
      const value = raw(field) ?? fallback;
      return typeof value === 'boolean' ? value : fail(field, `is ${show(value)}, not true or false`);
    },
    activation: (fields, fallback) => {
      const field = fields.find((name) => (raw(name) ?? null) !== null);
      if (field === undefined) return fallback;
      const name = raw(field);
      if (typeof name === 'string' && Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name]!;
      return refuse(
        field,
        `is ${show(name)}, which is not supported`,
        `Supported: ${Object.keys(ACTIVATIONS).join(', ')}.`,
      );
    },
    layerTypes: (layers, kinds = ['full_attention', 'sliding_attention']) => {
      const value = raw('layer_types') ?? null;
      if (value === null) return null;
      if (!Array.isArray(value) || value.length !== layers) {
        return fail('layer_types', `is not a list of ${layers} entries (num_hidden_layers)`);
      }
      for (const type of value) {
        if (!kinds.includes(type as LayerType)) {
          refuse('layer_types', `holds ${show(type)}, which is not supported`, `Supported: ${kinds.join(', ')}.`);
        }
      }
      return value as LayerType[];
    },
    fail,
    refuse,
  };
}
