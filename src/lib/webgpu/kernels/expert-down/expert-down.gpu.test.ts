import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { randomChoices } from '#tests/support/random-choices.ts';
import { expectSame } from '#tests/support/kernel-case.ts';
import { randomPlanes } from '#tests/support/random-planes.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { encodePartCall } from '../shared/expert-part.ts';
import { expertDown, expertDownGroups } from './expert-down.ts';

const random = createRng(53);

describe.each<WeightDtype>(['f32', 'f16', 'q8', 'q4'])('expert-down over %s weights', (dtype) => {
  it.each([
    { experts: 1, chosen: 1, hidden: 4, columns: 32, count: 1, threads: 32, part: { firstRow: 0, rows: 4 } },
    { experts: 5, chosen: 2, hidden: 36, columns: 64, count: 4, threads: 8, part: { firstRow: 0, rows: 180 } },
    // A part that begins and ends within an expert: the rows of the others add nothing.
    { experts: 4, chosen: 3, hidden: 20, columns: 96, count: 7, threads: 64, part: { firstRow: 24, rows: 40 } },
  ])(
    '$count rows of $hidden, $chosen of $experts experts, rows of part $part',
    async ({ part, count, columns, ...shape }) => {
      const { params, state } = stepCase({ rows: count, longest: 32 });
      const groups = columns / 32;
      const { hidden, chosen, threads, experts } = shape;
      await expectSame({
        kernel: expertDown,
        params: { ...params, hidden, chosen, dtype, threads },
        groups: expertDownGroups(shape, count),
        buffers: {
          call: encodePartCall({ ...part, groups }),
          h: Float32Array.from({ length: count * chosen * columns }, () => random.normal()),
          ...randomPlanes(random, dtype, part.rows, groups),
          choices: randomChoices(random, experts, chosen, count),
          x: Float32Array.from({ length: count * padded(hidden) }, () => random.normal()),
          state,
        },
        compare: { x: 'floats' },
        tolerance: 4e-6,
      });
    },
  );
});
