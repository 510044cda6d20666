import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame } from '#tests/support/kernel-case.ts';
import { packHalves, stepCase } from '#tests/support/step-case.ts';
import { TILE } from '../../matrix.ts';
import { SLOT } from '../../step-state.ts';
import { addLowRank, addLowRankGroups, encodeAddLowRankCall } from './add-low-rank.ts';

const random = createRng(43);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

describe.each(['f32', 'f16'] as const)('add-low-rank over %s', (dtype) => {
  it.each([
    { rows: 1, groups: 1, firstRow: 0, outputs: null },
    { rows: 131, groups: 2, firstRow: 3, outputs: null },
    { rows: 70, groups: 1, firstRow: 0, outputs: [4, 1, 7, 0] },
  ])('$rows rows from $firstRow, $groups groups, outputs $outputs', async ({ rows, groups, firstRow, outputs }) => {
    const step = stepCase({ rows: 8, longest: 32, ranks: [2, 3, 4], outputs: outputs ?? [] });
    // The second adapter: one sequence uses it alone, another in a blend, the others not at all.
    const descriptor = step.state[step.params.slotsAt + SLOT.words + SLOT.blend]!;
    const count = outputs?.length ?? 8;
    const planes = floats(Math.ceil(rows / TILE) * groups * 8 * TILE * 4);
    const yStride = firstRow + rows + 2;
    await expectSame({
      kernel: addLowRank,
      params: { ...step.params, dtype },
      groups: addLowRankGroups(rows, count),
      buffers: {
        call: encodeAddLowRankCall({
          rows,
          groups,
          firstRow,
          yStride,
          descriptor,
          ofOutputs: outputs !== null,
          scale: 1.5,
        }),
        z: floats(8 * groups * 32),
        weights: dtype === 'f32' ? planes : packHalves(planes),
        scales: new Uint32Array(4),
        y: floats(8 * yStride),
        state: step.state,
      },
      compare: { y: 'floats' },
    });
  });
});
