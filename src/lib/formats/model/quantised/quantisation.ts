// How a model's weights were quantised, in the words of its files, and which of these forms are read here.

import type { Folder } from '#lib/core/folder.ts';
import { isJsonObject, readJsonFile, type JsonObject } from '../../json/json-file.ts';

/** What a form asks for that is not computed here. */
export interface RefusedForm {
  /** Within the description; null: all of it. */
  field: string | null;
  hint: string;
}

const PLAIN =
  'Use the checkpoint in 16 bits, or a GGUF file; weights are quantised while they load. If the weights are in 16 bits already (a merged model), delete this field.';
const FLOAT8 = ['fp8', 'fbgemm_fp8'];
const FLOAT8_LAYOUTS = ['float-quantized', 'naive-quantized'];
const LAYOUTS = ['pack-quantized', 'int-quantized', ...FLOAT8_LAYOUTS];

/** The field that describes it; null where a config has none. */
export function quantisationOf(config: JsonObject): JsonObject | null {
  const text = isJsonObject(config['text_config']) ? config['text_config'] : {};
  const found = [config, text].flatMap((of) => [of['quantization_config'], of['compression_config']]);
  return found.find(isJsonObject) ?? null;
}

/** That of config.json, or of the file in which AutoGPTQ used to describe it. */
export async function readQuantisation(folder: Folder): Promise<JsonObject | null> {
  const own = (await folder.has('config.json')) ? quantisationOf(await readJsonFile(folder, 'config.json')) : null;
  if (own || !(await folder.has('quantize_config.json'))) return own;
  return { quant_method: 'gptq', ...(await readJsonFile(folder, 'quantize_config.json')) };
}

/** The file of weights as AutoGPTQ used to name it, by bits and group size; null where there is none. */
export async function findAutoGptqFile(folder: Folder): Promise<string | null> {
  const { quant_method: method, bits, group_size: group } = (await readQuantisation(folder)) ?? {};
  if (method !== 'gptq' || !Number.isInteger(bits) || !Number.isInteger(group)) return null;
  const name = `gptq_model-${bits as number}bit-${group as number}g.safetensors`;
  return (await folder.has(name)) ? name : null;
}

/** Whether weights of this form are packed whole numbers, and not floats of 8 bits or of 16. */
export const isPackedForm = (form: JsonObject): boolean => {
  switch (methodOf(form)) {
    case 'gptq':
    case 'awq':
      return true;
    case 'bitsandbytes':
      return ['load_in_8bit', 'load_in_4bit', '_load_in_8bit', '_load_in_4bit'].some((flag) => form[flag] === true);
    case 'compressed-tensors':
      return !FLOAT8_LAYOUTS.includes(textOf(form['format']) ?? '');
    default:
      return false;
  }
};

/** Null: weights of this form are read. */
export function refusedForm(form: JsonObject): RefusedForm | null {
  const method = methodOf(form);
  const isSet = (field: string): boolean => (form[field] ?? false) !== false;
  switch (method) {
    case 'bitsandbytes':
      return null;
    case 'gptq':
      if (isSet('is_marlin_format')) return { field: 'is_marlin_format', hint: PLAIN };
      return ['gptq', 'gptq_v2'].includes(checkpointFormat(form, 'gptq'))
        ? null
        : { field: 'checkpoint_format', hint: PLAIN };
    case 'awq':
      return checkpointFormat(form, 'gemm') === 'gemm' ? null : { field: 'version', hint: PLAIN };
    case 'compressed-tensors':
      return compressed(form);
    default:
      return FLOAT8.includes(method) ? null : { field: null, hint: PLAIN };
  }
}

/** Whether a zero is stored less one. */
export const storesZeroLessOne = (form: JsonObject): boolean => checkpointFormat(form, 'gptq') !== 'gptq_v2';

export const methodOf = (form: JsonObject): string =>
  textOf(form['quant_method']) ?? (form['config_groups'] ? 'compressed-tensors' : '');

const checkpointFormat = (form: JsonObject, fallback: string): string =>
  (textOf(form['checkpoint_format']) ?? textOf(form['version']) ?? fallback).toLowerCase();

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function compressed(form: JsonObject): RefusedForm | null {
  if (!LAYOUTS.includes(textOf(form['format']) ?? '')) return { field: 'format', hint: PLAIN };
  for (const field of ['sparsity_config', 'transform_config']) {
    const value = form[field];
    const isDense = isJsonObject(value) && value['format'] === 'dense';
    if (isJsonObject(value) && Object.keys(value).length > 0 && !isDense) return { field, hint: PLAIN };
  }
  const groups = isJsonObject(form['config_groups']) ? Object.values(form['config_groups']) : [];
  return groups.length > 0 && groups.every((group) => hasReadWeights(group, textOf(form['format']) ?? ''))
    ? null
    : { field: 'config_groups', hint: PLAIN };
}

function hasReadWeights(group: unknown, format: string): boolean {
  const weights = isJsonObject(group) ? group['weights'] : null;
  if (!isJsonObject(weights)) return false;
  if (weights['type'] === 'float') return weights['num_bits'] === 8 && FLOAT8_LAYOUTS.includes(format);
  const sizes = format === 'pack-quantized' ? [2, 4, 8] : [8];
  return (weights['type'] ?? 'int') === 'int' && sizes.includes(Number(weights['num_bits']));
}
