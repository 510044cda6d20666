// The small model with its weights in other forms, loaded by the engine. Plain TypeScript kernels.

import { expect, it } from 'vitest';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import { float8Values } from '#lib/formats/model/float8.ts';
import { readExpectedSmall } from '../support/generation-cases.ts';
import { fuse, smallEngine, smallModel, type SmallModel, type Tensors } from '../support/small-model.ts';

const { ids } = readExpectedSmall();

async function logitsOf(model: SmallModel): Promise<Float32Array> {
  const engine = await smallEngine(smallModel(model));
  const { data } = await engine.logits(ids);
  await engine.dispose();
  return data;
}

/** Rounds every matrix of the layers to 8 bits under a scale for its whole; stores the bits with the scale, or the rounded values. */
function toFloat8(tensors: Tensors, keep: 'bits' | 'values'): void {
  const table = float8Values('F8_E4M3').slice(0, 127);
  for (const [name, { dtype, shape, data }] of [...tensors]) {
    if (shape.length !== 2 || !name.includes('layers')) continue;
    const values = decodeFloats(data, dtype, name);
    const scale = Math.fround(values.reduce((top, v) => Math.max(top, Math.abs(v)), 0) / 448);
    const bits = Uint8Array.from(values, (v) => {
      const size = Math.abs(v) / scale;
      const above = table.findIndex((step) => step >= size);
      return (above < 0 ? 126 : above) | (v < 0 ? 128 : 0);
    });
    if (keep === 'bits') {
      tensors.set(name, { dtype: 'F8_E4M3', shape, data: bits });
      tensors.set(`${name}_scale_inv`, {
        dtype: 'F32',
        shape: [1, 1],
        data: new Uint8Array(Float32Array.of(scale).buffer),
      });
    } else {
      const rounded = Float32Array.from(bits, (pattern) => table[pattern & 127]! * (pattern & 128 ? -1 : 1) * scale);
      tensors.set(name, { dtype: 'F32', shape, data: new Uint8Array(rounded.buffer) });
    }
  }
}

it.each<[string, object, (tensors: Tensors) => void]>([
  ['a matrix for each projection', {}, () => undefined],
  ['fused matrices', { model_type: 'phi3', partial_rotary_factor: 0.5 }, fuse],
])('8-bit floats with scales compute what their values compute: %s', async (_, config, arrange) => {
  const quantization_config = { quant_method: 'fp8', fmt: 'e4m3', weight_block_size: [128, 128] };
  const stored = (keep: 'bits' | 'values') => (tensors: Tensors) => {
    arrange(tensors);
    toFloat8(tensors, keep);
  };
  const expected = await logitsOf({ config, change: stored('values') });
  expect(await logitsOf({ config: { ...config, quantization_config }, change: stored('bits') })).toEqual(expected);
});
