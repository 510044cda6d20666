import { expect, it } from 'vitest';
import { describesFloat8 } from './float8-config.ts';

const compressed = (weights: object, format = 'float-quantized') => ({
  quant_method: 'compressed-tensors',
  format,
  config_groups: { group_0: { weights, input_activations: null } },
});

it.each<[string, unknown, boolean]>([
  ['blocks of DeepSeek', { quant_method: 'fp8', weight_block_size: [128, 128] }, true],
  ['rows of FBGEMM', { quant_method: 'fbgemm_fp8' }, true],
  ['compressed tensors of 8-bit floats', compressed({ type: 'float', num_bits: 8 }), true],
  ['compressed tensors of whole numbers', compressed({ type: 'int', num_bits: 8 }), false],
  ['compressed tensors of 4 bits', compressed({ type: 'float', num_bits: 4 }), false],
  ['packed tensors', compressed({ type: 'float', num_bits: 8 }, 'pack-quantized'), false],
  ['GPTQ', { quant_method: 'gptq', bits: 8 }, false],
  ['nothing', null, false],
])('8-bit floats are known by their config: %s', (_, config, expected) => {
  expect(describesFloat8(config)).toBe(expected);
});
