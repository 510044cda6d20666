import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { randomChoices } from '#tests/support/random-choices.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { randomPlanes } from '#tests/support/random-planes.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { encodePartCall } from '../shared/expert-part.ts';
import { expertGlu, expertGluGroups } from './expert-glu.ts';

const random = createRng(47);

describe.each<WeightDtype>(['f32', 'f16', 'q8', 'q4'])('expert-glu over %s weights', (dtype) => {
  it.each([
    { experts: 1, chosen: 1, ffn: 4, columns: 32, count: 1, threads: 32, part: { firstRow: 0, rows: 4 } },
    { experts: 5, chosen: 2, ffn: 12, columns: 96, count: 3, threads: 8, part: { firstRow: 0, rows: 60 } },
    // A part that begins and ends within an expert: only its rows are written.
    { experts: 6, chosen: 3, ffn: 20, columns: 64, count: 5, threads: 64, part: { firstRow: 8, rows: 72 } },
  ])(
    '$count rows, $chosen of $experts experts of $ffn, rows of part $part',
    async ({ part, count, columns, ...shape }) => {
      const { params, state } = stepCase({ rows: count, longest: 32 });
      const groups = columns / 32;
      const [gate, up] = [
        randomPlanes(random, dtype, part.rows, groups),
        randomPlanes(random, dtype, part.rows, groups),
      ];
      const { ffn, chosen, threads, experts } = shape;
      await expectSame({
        kernel: expertGlu,
        params: { ...params, ffn, chosen, dtype, activation: 'silu', threads },
        groups: expertGluGroups(shape, count),
        buffers: {
          call: encodePartCall({ ...part, groups }),
          x: Float32Array.from({ length: count * columns }, () => random.normal()),
          gate: gate.weights,
          gateScales: gate.scales,
          up: up.weights,
          upScales: up.scales,
          choices: randomChoices(random, experts, chosen, count),
          h: unwritten(count * chosen * padded(ffn)),
          state,
        },
        compare: { h: 'floats' },
        tolerance: 4e-6,
      });
    },
  );
});
