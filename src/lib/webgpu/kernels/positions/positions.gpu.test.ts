import { it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { positions, positionsGroups } from './positions.ts';

const random = createRng(37);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

it.each([4, 36, 260])('positions are added to rows of %i, from the row or from its slot', async (hidden) => {
  const step = stepCase({ rows: 8, longest: 32, positionOf: (row) => (row % 3 ? 2 * row : null) });
  await expectSame({
    kernel: positions,
    params: { ...step.params, hidden },
    groups: positionsGroups(hidden, 8),
    buffers: { positions: floats(32 * hidden), x: floats(8 * padded(hidden)), state: step.state },
    compare: { x: 'floats' },
  });
});
