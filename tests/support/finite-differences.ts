// Derivatives of a kernel's plain form by central differences. Floats are held in double precision here, so that a difference of two
// runs keeps enough digits.

import { expect } from 'vitest';
import type { Kernel, KernelParams, Memory } from '#lib/webgpu/kernel.ts';

type Data = Float32Array | Uint32Array;

export interface PlainRun<P extends KernelParams, B extends string> {
  kernel: Kernel<P, B>;
  params: P;
  buffers: Record<B, Data>;
}

const STEP = 1e-4;

/** What the plain form leaves in its buffers of floats. */
export function runPlain<P extends KernelParams, B extends string>(
  { kernel, params, buffers }: PlainRun<P, B>,
  change?: { of: B; at: number; by: number },
): Record<B, Float64Array> {
  const floats: Partial<Record<B, Float64Array>> = {};
  const memory: Partial<Record<B, Memory>> = {};
  for (const name of Object.keys(buffers) as B[]) {
    const data = buffers[name];
    if (data instanceof Uint32Array) {
      memory[name] = { u32: data, f32: new Float32Array(data.buffer, data.byteOffset, data.length) };
      continue;
    }
    const doubles = new Float64Array(data);
    if (change?.of === name) doubles[change.at]! += change.by;
    floats[name] = doubles;
    memory[name] = { u32: new Uint32Array(0), f32: doubles as unknown as Float32Array };
  }
  kernel.reference(memory as Record<B, Memory>, params, [1, 1, 1]);
  return floats as Record<B, Float64Array>;
}

/** The gradient of sum(weights · outputs) with respect to elements of buffer `by`; absent `places`: to all of them. */
export function differences<P extends KernelParams, B extends string>(
  run: PlainRun<P, B>,
  weights: NoInfer<Partial<Record<B, Float32Array>>>,
  by: NoInfer<B>,
  places: Iterable<number> = run.buffers[by].keys(),
): Float64Array {
  const terms = (Object.keys(weights) as B[]).flatMap((name) =>
    Array.from(weights[name]!, (weight, at) => ({ name, at, weight })).filter(({ weight }) => weight !== 0),
  );
  const loss = (at: number, step: number) => {
    const after = runPlain(run, { of: by, at, by: step });
    return terms.reduce((sum, term) => sum + term.weight * after[term.name][term.at]!, 0);
  };
  return Float64Array.from(places, (at) => (loss(at, STEP) - loss(at, -STEP)) / (2 * STEP));
}

/** Elements of `expected` that are NaN are not compared. */
export function expectGradient(actual: Float64Array, expected: Float64Array, tolerance = 1e-6): void {
  const greatest = expected.reduce((top, value) => Math.max(top, Math.abs(value) || 0), 0);
  expect(greatest, 'greatest derivative').toBeGreaterThan(0);
  expected.forEach((value, i) => {
    if (Number.isNaN(value) || Math.abs(actual[i]! - value) <= tolerance * greatest) return;
    expect.fail(`gradient ${i} is ${actual[i]}, differences give ${value} (greatest ${greatest})`);
  });
}
