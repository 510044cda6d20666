// The kernels of training together: one linear layer, three adapters of different ranks, one of them with DoRA, least squares, three steps of AdamW.

import { describe, expect, it } from 'vitest';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { testDevice } from '#tests/support/kernel-case.ts';
import { ALONE, BOTH, DORA, NONE, OTHER, START } from '#tests/support/linear-training-case.ts';
import { trainOn } from '#tests/support/train-linear.ts';
import { trainPlainly } from '#tests/support/train-linear-plainly.ts';

function expectNear(got: Float32Array, wanted: Float64Array, tolerance: number, what: string): void {
  const greatest = wanted.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const off = wanted.reduce((most, value, i) => Math.max(most, Math.abs(got[i]! - value)), 0);
  expect(off / greatest, what).toBeLessThan(tolerance);
}

describe('three adapters over one linear layer', () => {
  const blends = [ALONE, OTHER, BOTH, DORA];
  const plain = trainPlainly(blends);

  it.each([
    { on: 'the GPU', open: () => testDevice('default') },
    { on: 'the reference device', open: () => Promise.resolve(createReferenceDevice()) },
  ])('learn on $on what plain loops learn', async ({ open }) => {
    const trained = await trainOn(await open(), blends, [0, 1, 2]);
    trained.losses.forEach((loss, i) => expect(loss / plain.losses[i]!).toBeCloseTo(1, 5));
    expect(trained.losses[2]).toBeLessThan(trained.losses[0]!);
    expectNear(trained.dx, plain.dx, 1e-5, 'dX of the last step');
    trained.adapters.forEach(({ a, b, magnitudes }, i) => {
      expectNear(a, plain.adapters[i]!.a, 2e-5, `A of adapter ${i}`);
      expectNear(b, plain.adapters[i]!.b, 2e-5, `B of adapter ${i}`);
      if (magnitudes.length > 0) expectNear(magnitudes, plain.adapters[i]!.magnitudes, 2e-6, 'magnitudes');
    });
  });

  it('give the same bits each time, and each the bits that it gives alone', async () => {
    const device = await testDevice('default');
    const apart = [ALONE, OTHER, DORA];
    const [once, again] = [await trainOn(device, apart, [0, 1, 2]), await trainOn(device, apart, [0, 1, 2])];
    expect(again.adapters).toEqual(once.adapters);
    const alone = await trainOn(device, [ALONE, NONE, NONE], [0]);
    expect(alone.pageOf(2)).toEqual(once.pageOf(2));
    const other = await trainOn(device, [NONE, OTHER, NONE], [1]);
    for (const page of [0, 1, 3]) expect(other.pageOf(page)).toEqual(once.pageOf(page));
    // An adapter that is not learning keeps its weights.
    expect(other.adapters[0]!.a).toEqual(START[0]!.a);
  });
});
