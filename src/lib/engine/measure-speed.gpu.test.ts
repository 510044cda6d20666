import { afterAll, expect, it } from 'vitest';
import { createGpuDevice } from '#lib/webgpu/gpu-device.ts';
import { testGpu } from '#tests/support/gpu.ts';
import { measureSpeed } from './measure-speed.ts';

const opened = await createGpuDevice(testGpu(), { limits: 'best' });
afterAll(() => opened.dispose());

it('measures each format and the cost of a dispatch, and gives back all memory', async () => {
  const before = opened.counters.bufferBytes;
  const { bytesPerSecond, dispatchSeconds } = await measureSpeed(opened, () => performance.now());
  for (const rate of Object.values(bytesPerSecond)) {
    expect(rate).toBeGreaterThan(1e6);
    expect(rate).toBeLessThan(1e14);
  }
  expect(dispatchSeconds).toBeGreaterThan(0);
  expect(dispatchSeconds).toBeLessThan(0.1);
  expect(opened.counters.bufferBytes).toBe(before);
});
