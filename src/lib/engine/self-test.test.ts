import { describe, expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { GROUP, type WeightDtype } from '#lib/core/tensor.ts';
import { TILE, VECTORS_PER_GROUP } from '#lib/webgpu/matrix.ts';
import { encodePackCall } from '#lib/webgpu/kernels/pack/pack.ts';
import { packReference } from '#lib/webgpu/kernels/pack/pack.reference.ts';
import { readWeight } from '#lib/webgpu/kernels/shared/weights.ts';
import { PACKING_ERROR } from './self-test.ts';

const memoryOf = (words: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>) => ({
  f32: new Float32Array(words.buffer),
  u32: new Uint32Array(words.buffer),
});

describe.each<WeightDtype>(['f32', 'f16', 'q8', 'q4'])('packing to %s', (dtype) => {
  it('stays within the bound of the self-test for any weights', () => {
    const random = createRng(3);
    const groups = 4000;
    const columns = groups * GROUP;
    const source = Float32Array.from({ length: columns }, () => random.normal());
    const weights = memoryOf(new Uint32Array(groups * VECTORS_PER_GROUP[dtype] * TILE * 4));
    const scales = memoryOf(new Uint32Array((groups * TILE) / 2));
    const call = { rows: 1, columns, groups, firstRow: 0, rawAt: 0, format: 'F32', faultAt: 0 } as const;
    packReference(
      {
        call: memoryOf(encodePackCall(call)),
        raw: memoryOf(source),
        weights,
        scales,
        faults: memoryOf(new Uint32Array(4)),
      },
      { dtype },
    );
    let worst = 0;
    for (let column = 0; column < columns; column++) {
      const first = column - (column % GROUP);
      const greatest = Math.max(...source.subarray(first, first + GROUP).map(Math.abs));
      const error = Math.abs(readWeight(dtype, weights, scales, groups, 0, column) - source[column]!);
      worst = Math.max(worst, error / greatest);
    }
    expect(worst).toBeLessThanOrEqual(PACKING_ERROR[dtype]);
  });
});
