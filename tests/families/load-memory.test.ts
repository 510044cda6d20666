// Memory of a load: a model of 270 MB passes through a heap of less than 200 MB, and everything is freed with it.

import { expect, it } from 'vitest';
import type { Folder } from '#lib/core/folder.ts';
import { readModelPlan } from '#lib/engine/predict-load.ts';
import { sessionSizes } from '#lib/engine/session-sizes.ts';
import { createTransformer } from '#lib/model/decoder/transformer.ts';
import { loadWeights } from '#lib/model/weights.ts';
import { createMeasuringDevice } from '#lib/webgpu/measuring-device.ts';
import { createRandomModel, S135 } from '#bench/random-model.ts';

it('a model of the 135M shape loads with less than 200 MB in JavaScript, and leaves no buffer', async () => {
  // The device keeps nothing of what is written, so all memory that is seen is the loader's own.
  const device = createMeasuringDevice({ maxBindingBytes: 2 ** 31 });
  const used = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  let [most, read, longest] = [0, 0, 0];
  const model = createRandomModel(S135);
  const folder: Folder = {
    ...model,
    read(path, start, end, signal) {
      read += end - start;
      longest = Math.max(longest, end - start);
      most = Math.max(most, used() - before);
      return model.read(path, start, end, signal);
    },
  };
  const plan = await readModelPlan(folder);
  const { architecture } = plan;
  const weights = await loadWeights({ ...plan, device, dtype: 'q4', onBytes: () => undefined });
  const sizes = sessionSizes(architecture, { dtype: 'q4' }, device);
  const transformer = await createTransformer(device, architecture, weights, sizes);
  expect(read).toBeGreaterThan(260e6);
  expect(longest).toBeLessThanOrEqual(16 << 20);
  expect(most).toBeLessThan(200e6);
  expect(weights.bytes).toBeGreaterThan(80e6);
  transformer.destroy();
  weights.destroy();
  expect(device.counters.bufferBytes).toBe(0);
});
