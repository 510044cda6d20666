import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { SLOT } from '../../step-state.ts';
import { adapterBias, adapterBiasGroups, encodeAdapterBiasCall } from './adapter-bias.ts';

const random = createRng(47);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

describe('adapter-bias', () => {
  it.each([
    { length: 1, first: 0, at: 0, yStride: 1 },
    { length: 131, first: 7, at: 33, yStride: 140 },
    { length: 64, first: 3, at: 5, yStride: 67 },
  ])('$length numbers from $first', async ({ length, first, at, yStride }) => {
    const step = stepCase({ rows: 8, longest: 32, ranks: [2, 3, 4] });
    // The second adapter: one sequence uses it alone, another in a blend, the others not at all.
    const descriptor = step.state[step.params.slotsAt + SLOT.words + SLOT.blend]!;
    await expectSame({
      kernel: adapterBias,
      params: step.params,
      groups: adapterBiasGroups(length, 8),
      buffers: {
        call: encodeAdapterBiasCall({ at, length, first, yStride, descriptor }),
        values: floats(at + length),
        y: floats(8 * yStride),
        state: step.state,
      },
      compare: { y: 'floats' },
    });
  });
});
