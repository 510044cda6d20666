import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { TILE } from '../../matrix.ts';
import { dora, doraGroups, encodeDoraCall } from './dora.ts';

const random = createRng(37);

describe('dora', () => {
  it.each([
    { rows: 1, groups: 1, matrixRow: 0, firstRow: 0 },
    { rows: 21, groups: 2, matrixRow: 3, firstRow: 5 },
  ])('norms of $rows rows from $matrixRow', async ({ rows, groups, matrixRow, firstRow }) => {
    const step = stepCase({ rows: 1, longest: groups * 32, ranks: [3, 5] });
    const tiles = Math.ceil((matrixRow + rows) / TILE);
    await expectSame({
      kernel: dora,
      params: { ...step.params, dtype: 'f32', pool: 'f32' },
      groups: doraGroups(rows),
      buffers: {
        call: encodeDoraCall({ rows, groups, matrixRow, firstRow, layer: 1, target: 6, descriptor: 0 }),
        weights: Float32Array.from({ length: tiles * groups * 8 * TILE * 4 }, () => random.normal()),
        scales: new Uint32Array(4),
        pool: step.pool,
        state: step.state,
        norms: unwritten(firstRow + rows),
      },
      compare: { norms: 'floats' },
      tolerance: 2e-6,
    });
  });
});
