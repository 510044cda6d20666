import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { encodeInputGateCall, inputGate, inputGateGroups } from './input-gate.ts';

const random = createRng(41);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

describe('input-gate', () => {
  it.each([
    { width: 4, count: 1, ranks: [], ahead: 1 as const },
    { width: 140, count: 5, ranks: [3, 5], ahead: 4 as const },
  ])('$width wide, $count rows', async ({ width, count, ranks, ahead }) => {
    const step = stepCase({ rows: count, longest: width, ranks, dora: true, poolDtype: 'f16' });
    await expectSame({
      kernel: inputGate,
      params: { ...step.params, width, activation: 'gelu-tanh', pool: 'f16', ahead },
      groups: inputGateGroups(width, count),
      buffers: {
        call: encodeInputGateCall({ layer: 1, target: 3 }),
        y: floats(count * width),
        x: floats(count * width),
        h: unwritten(count * padded(width)),
        z: step.z(1, 3, 1),
        pool: step.pool,
        state: step.state,
      },
      compare: { h: 'floats' },
      tolerance: 2e-6,
    });
  });
});
