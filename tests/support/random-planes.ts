// Random weights as the planes of a matrix, for tests of kernels that read them.

import type { Rng } from '#lib/core/rng.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { isQuantised } from '#lib/webgpu/kernels/shared/weights.ts';
import { TILE, VECTORS_PER_GROUP } from '#lib/webgpu/matrix.ts';

export function randomPlanes(random: Rng, dtype: WeightDtype, rows: number, groups: number) {
  const tiles = Math.ceil(rows / TILE);
  const words = tiles * groups * VECTORS_PER_GROUP[dtype] * TILE * 4;
  const weights =
    dtype === 'f32'
      ? Float32Array.from({ length: words }, () => random.normal())
      : Uint32Array.from({ length: words }, () =>
          dtype === 'f16' ? 0x2c00_3400 ^ (random.below(2) << 31) : random.below(2 ** 32),
        );
  const scales = new Uint32Array(isQuantised(dtype) ? (tiles * groups * TILE) / 2 : 4).fill(0x2400_2c00);
  return { weights, scales };
}
