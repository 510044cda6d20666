import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { TILE, VECTORS_PER_GROUP } from '../../matrix.ts';
import { SLOT } from '../../step-state.ts';
import { isQuantised } from '../shared/weights.ts';
import { embed, embedGroups, encodeEmbedCall } from './embed.ts';

const random = createRng(31);

describe.each<WeightDtype>(['f32', 'f16', 'q8', 'q4'])('embed from %s', (dtype) => {
  it.each([
    { rows: 11, groups: 1, firstRow: 0 },
    { rows: 5, groups: 3, firstRow: 4 },
    { rows: 11, groups: 2, firstRow: 0, isApplied: true },
  ])('$rows rows from $firstRow, $groups groups, applied $isApplied', async ({ rows, groups, firstRow, isApplied }) => {
    const ranks = isApplied ? [2, 3] : [];
    const step = stepCase({ rows: 8, longest: 32, ranks, positionOf: (row) => (row % 3 ? row : null) });
    // The second adapter, used by two of the six sequences.
    const applied = isApplied ? { onlyAdapter: step.state[step.params.slotsAt + SLOT.words + SLOT.blend]! } : {};
    const tiles = Math.ceil(rows / TILE);
    const words = tiles * groups * VECTORS_PER_GROUP[dtype] * TILE * 4;
    const weights =
      dtype === 'f32'
        ? Float32Array.from({ length: words }, () => random.normal())
        : Uint32Array.from({ length: words }, () => random.below(2 ** 32) & (dtype === 'f16' ? 0xbbff_bbff : -1));
    await expectSame({
      kernel: embed,
      params: { ...step.params, dtype },
      groups: embedGroups(groups, 8),
      buffers: {
        call: encodeEmbedCall({ rows, groups, firstRow, scale: 1.5, ...applied }),
        weights,
        scales: new Uint32Array(isQuantised(dtype) ? (tiles * groups * TILE) / 2 : 4).fill(0x2400_2c00),
        x: unwritten(8 * groups * 32),
        state: step.state,
      },
      compare: { x: 'floats' },
    });
  });
});
