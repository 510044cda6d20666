// Keys and values in one element type beside adapters in another: the GPU gives what the reference kernels give.

import { afterAll, expect, it } from 'vitest';
import { readLogits } from '#tests/support/fixtures.ts';
import { relativeError } from '#tests/support/golden.ts';
import { goldenDecoder } from '#tests/support/golden-decoder.ts';
import { testGpu } from '#tests/support/gpu.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { createGpuDevice } from '#lib/webgpu/gpu-device.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import type { DecoderBudget } from './decoder-sizes.ts';
import { createTransformer } from './transformer.ts';

const gpu = await createGpuDevice(testGpu(), { limits: 'default' });
afterAll(() => gpu.dispose());

async function logitsOn(device: Device, elements: Pick<DecoderBudget, 'kvDtype' | 'poolDtype'>) {
  const { architecture, weights, sizes, packed, begin } = await goldenDecoder(device, 'llama3', 'lora', elements);
  const transformer = await createTransformer(device, architecture, weights, sizes);
  const shape = await begin(transformer);
  const bytes = shape.outputs * architecture.vocab * 4;
  const logits = await device.submitAndRead(transformer.dispatches(shape), transformer.logits, bytes);
  const page = await device.read(transformer.pools[0]!, 0, packed.slabs[0]!.byteLength);
  transformer.destroy();
  weights.destroy();
  return { logits: new Float32Array(logits), page: new Uint8Array(page), slab: packed.slabs[0]! };
}

it.each([
  // A value between two halves may be rounded either way.
  { kvDtype: 'f16', poolDtype: 'f32', bound: 1e-3, most: 5e-3 },
  { kvDtype: 'f32', poolDtype: 'f16', bound: 2e-4, most: 5e-3 },
  { kvDtype: 'i8', poolDtype: 'f32', bound: 2e-2, most: 0.15 },
] as const)('keys and values in $kvDtype, adapters in $poolDtype', async ({ bound, most, ...elements }) => {
  const ours = await logitsOn(gpu, elements);
  const reference = await logitsOn(createReferenceDevice(), elements);
  expect(relativeError(ours.logits, reference.logits)).toBeLessThan(bound);
  const exact = readLogits('llama3', 'lora');
  expect(relativeError(ours.logits, exact)).toBeLessThan(most);
  expect(relativeError(ours.logits, exact)).toBeGreaterThan(2e-6);
  expect(ours.page).toEqual(ours.slab);
});

it('adapters keep every bit beside keys and values in f16', async () => {
  const short = await goldenDecoder(gpu, 'llama3', 'lora', { kvDtype: 'f16', poolDtype: 'f32' });
  const long = await goldenDecoder(gpu, 'llama3', 'lora', { kvDtype: 'f32', poolDtype: 'f32' });
  expect(short.packed.slabs).toEqual(long.packed.slabs);
  expect(short.sizes.kvBlocks).toBe(long.sizes.kvBlocks);
});
