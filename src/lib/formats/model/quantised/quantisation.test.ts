import { expect, it } from 'vitest';
import { isPackedForm, quantisationOf, refusedForm } from './quantisation.ts';

const compressed = (weights: object, format: string, more: object = {}) => ({
  quant_method: 'compressed-tensors',
  format,
  config_groups: { group_0: { weights, input_activations: null } },
  ...more,
});
const int4 = { type: 'int', num_bits: 4, strategy: 'group', group_size: 128, symmetric: true };

it.each<[string, Record<string, unknown>, 'floats' | 'packed']>([
  ['blocks of DeepSeek', { quant_method: 'fp8', weight_block_size: [128, 128] }, 'floats'],
  ['rows of FBGEMM', { quant_method: 'fbgemm_fp8' }, 'floats'],
  ['compressed tensors of 8-bit floats', compressed({ type: 'float', num_bits: 8 }, 'float-quantized'), 'floats'],
  ['compressed tensors of packed numbers', compressed(int4, 'pack-quantized'), 'packed'],
  ['compressed tensors of bytes', compressed({ ...int4, num_bits: 8 }, 'int-quantized'), 'packed'],
  ['GPTQ', { quant_method: 'gptq', bits: 4, desc_act: true }, 'packed'],
  ['GPTQ of the second form', { quant_method: 'gptq', bits: 4, checkpoint_format: 'gptq_v2' }, 'packed'],
  ['AWQ', { quant_method: 'awq', bits: 4, version: 'GEMM' }, 'packed'],
  ['bitsandbytes in 4 bits', { quant_method: 'bitsandbytes', load_in_4bit: true }, 'packed'],
  ['what bitsandbytes leaves in a merged model', { quant_method: 'bitsandbytes', load_in_4bit: false }, 'floats'],
])('is read: %s', (_, form, kind) => {
  expect(refusedForm(form)).toBeNull();
  expect(isPackedForm(form)).toBe(kind === 'packed');
});

it.each<[string, Record<string, unknown>, string | null]>([
  ['Marlin', { quant_method: 'gptq', checkpoint_format: 'marlin' }, 'checkpoint_format'],
  ['Marlin, as it was said before', { quant_method: 'gptq', is_marlin_format: true }, 'is_marlin_format'],
  ['AWQ for another kernel', { quant_method: 'awq', version: 'gemv' }, 'version'],
  ['sparse weights', compressed(int4, 'marlin-24'), 'format'],
  [
    'weights with a mask',
    compressed(int4, 'pack-quantized', { sparsity_config: { format: 'sparse-bitmask' } }),
    'sparsity_config',
  ],
  [
    'rotated weights',
    compressed(int4, 'pack-quantized', { transform_config: { config_groups: {} } }),
    'transform_config',
  ],
  ['floats of 4 bits', compressed({ type: 'float', num_bits: 4 }, 'float-quantized'), 'config_groups'],
  ['packed numbers of 3 bits', compressed({ ...int4, num_bits: 3 }, 'pack-quantized'), 'config_groups'],
  ['HQQ', { quant_method: 'hqq' }, null],
  ['MXFP4', { quant_method: 'mxfp4' }, null],
  ['a form without a name', { bits: 4 }, null],
])('is refused: %s', (_, form, field) => {
  expect(refusedForm(form)).toMatchObject({ field });
});

it('a nested language model may have the description', () => {
  expect(quantisationOf({ text_config: { quantization_config: { quant_method: 'awq' } } })).toEqual({
    quant_method: 'awq',
  });
  expect(quantisationOf({ quantization_config: null })).toBeNull();
});
