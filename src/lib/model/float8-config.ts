// Which quantisation configs describe weights in 8-bit floats with plain scales, as `formats/model/scaled-float8.ts` reads them.
// Activations are not quantised here; they are computed in 32 bits.

import { isJsonObject } from '#lib/formats/json/json-file.ts';

const METHODS: unknown[] = ['fp8', 'fbgemm_fp8'];
const LAYOUTS: unknown[] = ['float-quantized', 'naive-quantized'];

export function describesFloat8(config: unknown): boolean {
  if (!isJsonObject(config)) return false;
  if (METHODS.includes(config['quant_method'])) return true;
  if (config['quant_method'] !== 'compressed-tensors' || !LAYOUTS.includes(config['format'])) return false;
  const groups = config['config_groups'];
  return isJsonObject(groups) && Object.values(groups).every(hasFloat8Weights);
}

function hasFloat8Weights(group: unknown): boolean {
  const weights = isJsonObject(group) ? group['weights'] : null;
  return isJsonObject(weights) && weights['type'] === 'float' && weights['num_bits'] === 8;
}
