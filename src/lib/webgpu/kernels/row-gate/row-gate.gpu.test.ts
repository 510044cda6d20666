import { it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { encodeRowGateCall, rowGate, rowGateGroups } from './row-gate.ts';

const random = createRng(41);

it.each([
  { width: 4, count: 1, stride: 1, at: 0 },
  { width: 12, count: 5, stride: 7, at: 6 },
  { width: 196, count: 3, stride: 61, at: 60 },
])('row-gate over $count rows of $width, by score $at of $stride', async ({ width, count, stride, at }) => {
  const { params, state } = stepCase({ rows: count, longest: 32 });
  await expectSame({
    kernel: rowGate,
    params: { ...params, width },
    groups: rowGateGroups(width, count),
    buffers: {
      call: encodeRowGateCall({ stride, at }),
      // Far tails too: a gate is 0 or 1 there, not NaN.
      scores: Float32Array.from({ length: count * stride }, (_, i) => random.normal() * (i % 3 === 0 ? 90 : 2)),
      h: Float32Array.from({ length: count * padded(width) }, () => random.normal()),
      state,
    },
    compare: { h: 'floats' },
  });
});
