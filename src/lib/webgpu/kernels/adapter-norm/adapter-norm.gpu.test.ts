import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { SLOT } from '../../step-state.ts';
import { encodeAdapterNormCall, adapterNorm, adapterNormGroups } from './adapter-norm.ts';

const random = createRng(53);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

describe('adapter-norm', () => {
  it.each([
    { hidden: 4, at: 0, outputs: null },
    { hidden: 100, at: 9, outputs: null },
    { hidden: 260, at: 3, outputs: [6, 1, 7] },
  ])('$hidden wide, outputs $outputs', async ({ hidden, at, outputs }) => {
    const step = stepCase({ rows: 8, longest: 32, ranks: [2, 3, 4], outputs: outputs ?? [] });
    // The second adapter: one sequence uses it alone, another in a blend, the others not at all.
    const descriptor = step.state[step.params.slotsAt + SLOT.words + SLOT.blend]!;
    await expectSame({
      kernel: adapterNorm,
      params: { ...step.params, hidden, eps: 1e-6 },
      groups: adapterNormGroups(outputs?.length ?? 8),
      buffers: {
        call: encodeAdapterNormCall({ at, descriptor, ofOutputs: outputs !== null }),
        values: floats(at + hidden),
        x: floats(8 * padded(hidden)),
        h: floats(8 * padded(hidden)),
        state: step.state,
      },
      compare: { h: 'floats' },
      tolerance: 3e-6,
    });
  });
});
