import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { expectSame, testDevice, unwritten } from '#tests/support/kernel-case.ts';
import { randomPlanes } from '#tests/support/random-planes.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { HEADER } from '../../step-state.ts';
import {
  encodeLinearBackwardCall,
  linearBackward,
  linearBackwardGroups,
  linearBackwardShape,
  type LinearBackwardCall,
} from './linear.backward.ts';

const random = createRng(29);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());
/** One layout for all cases, so that each form is compiled once. */
const { state, params } = stepCase({ rows: 67, longest: 32 });
const quads = (await testDevice('best')).lanes === 4;

describe.each<WeightDtype>(['f32', 'f16', 'q8', 'q4'])('the backward of linear over %s weights', (dtype) => {
  it.each([
    { of: 'software adapters', software: true, lanes: 0 },
    ...(quads ? [{ of: 'software adapters with subgroups of four', software: true, lanes: 4 }] : []),
    // Threads that wait for each other take a software adapter long to compile: without and with scales is enough.
    ...(dtype === 'f32' || dtype === 'q4' ? [{ of: 'real GPUs', software: false, lanes: 0 }] : []),
  ])('gives dX in the form for $of, for odd shapes', async ({ software, lanes }) => {
    const shape = linearBackwardShape({ software, lanes });
    const cases: { rows: number; groups: number; count: number; call?: Partial<LinearBackwardCall> }[] = [
      { rows: 1, groups: 1, count: 1 },
      { rows: 37, groups: 3, count: 7, call: { adds: true, firstRow: 8 } },
      { rows: 21, groups: 5, count: 67, call: { firstToken: 2, tokenLimit: 66 } },
    ];
    for (const { rows, groups, count, call: given } of cases) {
      const call: LinearBackwardCall = {
        ...{ rows, groups, firstRow: 0, yStride: rows + 11, countWord: HEADER.rows, adds: false },
        ...given,
      };
      await expectSame({
        kernel: linearBackward,
        params: { ...params, ...shape, dtype },
        groups: linearBackwardGroups(call, count - (call.firstToken ?? 0), shape),
        buffers: {
          call: encodeLinearBackwardCall(call),
          dy: floats(count * call.yStride),
          ...randomPlanes(random, dtype, rows, groups),
          dx: call.adds ? floats(count * groups * 32) : unwritten(count * groups * 32),
          state: state.map((word, i) => (i === HEADER.rows ? count : word)),
        },
        compare: { dx: 'floats' },
        tolerance: 2e-6,
        limits: lanes > 0 ? 'best' : 'default',
      });
    }
  });
});
