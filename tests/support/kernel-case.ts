// Runs one dispatch on WebGPU and in plain TypeScript over the same buffers and compares the resulting buffers. Outputs start as
// NaN, so that an element that a kernel fails to write is detected.

import { expect } from 'vitest';
import type { Groups, Kernel, KernelParams } from '#lib/webgpu/kernel.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { createGpuDevice } from '#lib/webgpu/gpu-device.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { testGpu } from './gpu.ts';

type Data = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

export interface KernelCase<P extends KernelParams, B extends string> {
  kernel: Kernel<P, B>;
  params: P;
  groups: Groups;
  buffers: Record<B, Data>;
  /** Buffers to compare, as floats or as exact words. */
  compare: Partial<Record<B, 'floats' | 'words'>>;
  /** Relative to the greatest value of the buffer. Default 1e-6. */
  tolerance?: number;
  /** `best` has subgroups where the device has them. Default: default limits. */
  limits?: 'best' | 'default';
}

const devices = new Map<string, Promise<Device>>();

export function testDevice(limits: 'best' | 'default' = 'best'): Promise<Device> {
  let device = devices.get(limits);
  if (!device) devices.set(limits, (device = createGpuDevice(testGpu(), { limits })));
  return device;
}

export async function expectSame<P extends KernelParams, B extends string>(of: KernelCase<P, B>): Promise<void> {
  const expected = await runKernel(createReferenceDevice(), of);
  const actual = await runKernel(await testDevice(of.limits ?? 'default'), of);
  for (const name of Object.keys(of.compare) as B[]) {
    if (of.compare[name] === 'words') {
      expect(new Uint32Array(actual[name]!), name).toEqual(new Uint32Array(expected[name]!));
    } else {
      expectClose(new Float32Array(actual[name]!), new Float32Array(expected[name]!), of.tolerance ?? 1e-6, name);
    }
  }
}

export async function runKernel<P extends KernelParams, B extends string>(
  device: Device,
  { kernel, params, groups, buffers, compare }: KernelCase<P, B>,
): Promise<Partial<Record<B, ArrayBuffer>>> {
  const program = await device.program(kernel, params);
  const made = Object.fromEntries(
    (Object.keys(buffers) as B[]).map((name) => {
      const buffer = device.createBuffer(name, buffers[name].byteLength);
      device.write(buffer, 0, buffers[name]);
      return [name, buffer];
    }),
  );
  device.submit([{ binding: device.bind(program, made), groups }]);
  const results: Partial<Record<B, ArrayBuffer>> = {};
  for (const name of Object.keys(compare) as B[]) {
    results[name] = await device.read(made[name]!, 0, buffers[name].byteLength);
  }
  for (const buffer of Object.values(made)) buffer.destroy();
  return results;
}

export function expectClose(actual: Float32Array, expected: Float32Array, tolerance: number, what: string): void {
  const greatest = expected.reduce((top, v) => (Number.isFinite(v) ? Math.max(top, Math.abs(v)) : top), 0);
  expected.forEach((value, i) => {
    const same = Number.isNaN(value)
      ? Number.isNaN(actual[i])
      : Math.abs(actual[i]! - value) <= tolerance * Math.max(greatest, 1e-30);
    if (!same) expect.fail(`${what}[${i}] is ${actual[i]}, the plain kernel has ${value} (greatest ${greatest})`);
  });
}

export const unwritten = (length: number): Float32Array<ArrayBuffer> => new Float32Array(length).fill(NaN);
