import { it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { takeHeads, takeHeadsGroups } from './take-heads.ts';

const random = createRng(73);

it.each([
  { heads: 1, headDim: 8, width: 4, count: 1 },
  { heads: 3, headDim: 20, width: 12, count: 5 },
  { heads: 16, headDim: 192, width: 128, count: 3 },
])('take-heads of $heads heads, $width of $headDim', async ({ heads, headDim, width, count }) => {
  const { params, state } = stepCase({ rows: count, longest: 32 });
  await expectSame({
    kernel: takeHeads,
    params: { ...params, heads, headDim, width },
    groups: takeHeadsGroups(heads, width, count),
    buffers: {
      x: Float32Array.from({ length: count * padded(heads * headDim) }, () => random.normal()),
      y: unwritten(count * padded(heads * width)),
      state,
    },
    compare: { y: 'words' },
  });
});
