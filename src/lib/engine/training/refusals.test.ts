// What cannot be trained is refused by name, before anything is computed.

import { expect, it } from 'vitest';
import { readArchitecture } from '#lib/model/config.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { modelPath, openFixture } from '#tests/support/fixtures.ts';
import { modelIn } from '#tests/support/gradient-cases.ts';
import { madeAdapter, madeModel } from '#tests/support/made-adapter.ts';
import { checkTrainableModel } from './check-trainable.ts';
import { computeGradients } from './compute-gradients.ts';

it.each([
  ['deepseek_v3', 'latent attention, experts'],
  ['qwen3_moe', 'experts'],
  ['lfm2', 'convolutions'],
  ['gemma4', 'inputs of layers beside the stream, layers that share keys and values'],
])('%s has no backward pass', async (name, forms) => {
  const architecture = await readArchitecture(openFixture(modelPath(name)));
  expect(() => checkTrainableModel(architecture)).toThrow(`there is no backward pass for ${forms}.`);
});

it.each([
  { what: 'without tokens', example: { ids: [], labels: [] }, says: '0 tokens' },
  { what: 'with too few labels', example: { ids: [1, 2], labels: [1] }, says: '2 tokens and 1 labels' },
  { what: 'with a token outside the vocabulary', example: { ids: [1, 60], labels: [1, 2] }, says: 'vocabulary of 60' },
  { what: 'with a label outside it', example: { ids: [1, 2], labels: [1, -1] }, says: 'vocabulary of 60' },
  { what: 'of an adapter that is not there', example: { ids: [1, 2], labels: [1, 2], adapter: 1 }, says: 'adapter 1' },
  { what: 'without a label', example: { ids: [1, 2], labels: [1, -100] }, says: 'No token has a label' },
])('an example $what is refused', async ({ example, says }) => {
  const size = { width: 16, layers: 1 };
  const device = createReferenceDevice();
  const model = await modelIn(device, madeModel(size));
  const before = device.counters.bufferBytes;
  const examples = [{ adapter: 0, ...example }];
  await expect(computeGradients({ ...model, adapters: [madeAdapter(size, 2, 1)], examples })).rejects.toThrow(says);
  expect(device.counters.bufferBytes).toBe(before);
});
