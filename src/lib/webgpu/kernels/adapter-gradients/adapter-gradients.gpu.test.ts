import { describe, expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { ROW, SLOT } from '../../step-state.ts';
import { aGradients, aGradientsGroups } from './a-gradients.ts';
import { bGradients, bGradientsGroups } from './b-gradients.ts';
import { encodeGradientCall, gradientShape, mostOutputs, type GradientCall } from './gradient-call.ts';
import { encodeGradientRuns } from './gradient-runs.ts';
import { gainGradients, gainGradientsGroups } from './gain-gradients.ts';
import { gainedOutputs, gainedOutputsGroups } from './gained-outputs.ts';
import { inputGradients, inputGradientsGroups } from './input-gradients.ts';
import { rankGradients, rankGradientsGroups } from './rank-gradients.ts';

const random = createRng(31);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

const ROWS = 23;
const COLUMNS = 96;
/** Projections of unequal height, and outputs of another matrix before and behind them. */
const STARTS = [2, 39, 50, 141];

/** Sequences with adapter 0, 1, 2 and 3, with 0 and 1 blended, and with none; three rows of each in turn. */
const step = stepCase({ rows: ROWS, longest: COLUMNS, ranks: [5, 5, 16, 5] });
for (let row = 0; row < ROWS; row++) {
  step.state[step.params.rowsAt + row * ROW.words + ROW.slot] = Math.floor(row / 3) % 6;
}
const descriptorOf = (slot: number) => step.state[step.params.slotsAt + slot * SLOT.words + SLOT.blend]!;
const [first, second, third, fourth] = [0, 1, 2, 3].map(descriptorOf) as [number, number, number, number];
const run = (from: number, end: number) => ({ first: from, end });
const gradients = [
  // Alone and in a blend.
  { descriptor: first, places: first, runs: [run(18, 21), run(12, 15), run(0, 3)] },
  // Some of the same rows once more, kept apart: in the places of an adapter of the same rank.
  { descriptor: first, places: fourth, runs: [run(12, 15)] },
  // Behind another adapter in a blend.
  { descriptor: second, places: second, runs: [run(12, 15), run(21, 23)] },
  // Rows to which the adapter is not applied add nothing.
  { descriptor: third, places: third, runs: [run(6, 8), run(15, 18)] },
];
const runs = encodeGradientRuns(gradients);
const call: GradientCall = { groups: COLUMNS / 32, yStride: 150, layer: 1, firstTarget: 4, starts: STARTS };
const targets = STARTS.length - 1;
const words = encodeGradientCall(call);
const { state, pool, params, rankWidth } = step;

describe.each([
  { of: 'software adapters', shape: gradientShape({ software: true }) },
  { of: 'real GPUs', shape: gradientShape({ software: false }) },
])('gradients of adapters in the form for $of', ({ shape }) => {
  it('have those of ranks', async () => {
    await expectSame({
      kernel: rankGradients,
      params: { ...params, ...shape, pool: 'f32' },
      groups: rankGradientsGroups(targets, ROWS, rankWidth, shape),
      buffers: { call: words, dy: floats(ROWS * 150), pool, u: unwritten(ROWS * 3 * rankWidth), state },
      compare: { u: 'floats' },
      tolerance: 2e-6,
    });
  });

  it('have those of B', async () => {
    await expectSame({
      kernel: bGradients,
      params: { ...params, ...shape },
      groups: bGradientsGroups(call, rankWidth, gradients.length, shape),
      buffers: { call: words, dy: floats(ROWS * 150), z: step.z(1, 4, 3), grads: floats(pool.length), runs, state },
      compare: { grads: 'floats' },
      tolerance: 2e-6,
    });
  });

  it('have those of A, summed where projections share it', async () => {
    for (const shared of [false, true]) {
      const own = state.slice();
      // The second projection of the first adapter takes the rows of A of the one before.
      const at = params.adaptersAt + first;
      const list = (target: number) => at + own[at + 2 * target]!;
      if (shared) own.copyWithin(list(5), list(4), list(4) + 5);
      await expectSame({
        kernel: aGradients,
        params: { ...params, ...shape },
        groups: aGradientsGroups(call, rankWidth, gradients.length, shape),
        buffers: {
          ...{ call: words, x: floats(ROWS * COLUMNS), u: step.z(1, 4, 3) },
          ...{ grads: floats(pool.length), runs, state: own },
        },
        compare: { grads: 'floats' },
        tolerance: 2e-6,
      });
    }
  });

  it('have those of the input', async () => {
    await expectSame({
      kernel: inputGradients,
      params: { ...params, ...shape, pool: 'f32' },
      groups: inputGradientsGroups(call, ROWS, shape),
      buffers: { call: words, u: step.z(1, 4, 3), pool, dx: floats(ROWS * COLUMNS), state },
      compare: { dx: 'floats' },
      tolerance: 2e-6,
    });
  });
});

describe('gradients with the gains of DoRA', () => {
  const dora = stepCase({ rows: ROWS, longest: COLUMNS, ranks: [5, 5, 16, 5], dora: true });
  dora.state.set(step.state.subarray(params.rowsAt, params.rowsAt + ROWS * ROW.words), params.rowsAt);
  const shape = { threads: 16 };

  it('have those of the gains', () =>
    expectSame({
      kernel: gainGradients,
      params: { ...params, ...shape, pool: 'f32' },
      groups: gainGradientsGroups(call, gradients.length, shape),
      buffers: {
        ...{ call: words, dy: floats(ROWS * 150), y: floats(ROWS * 150), z: step.z(1, 4, 3), pool },
        ...{ grads: floats(pool.length), runs, state: dora.state },
      },
      compare: { grads: 'floats' },
      tolerance: 5e-6,
    }));

  it('reach the base times the gains', () =>
    expectSame({
      kernel: gainedOutputs,
      params: { ...params, ...shape, pool: 'f32' },
      groups: gainedOutputsGroups(call, ROWS, shape),
      buffers: { call: words, dy: floats(ROWS * 150), pool, state: dora.state },
      compare: { dy: 'floats' },
    }));
});

it('reads a pool of halves as well', async () => {
  const shape = gradientShape({ software: true });
  const halves = stepCase({ rows: 8, longest: COLUMNS, ranks: [3], poolDtype: 'f16' });
  const one = { ...call, starts: [0, 33], firstTarget: 6 };
  await expectSame({
    kernel: rankGradients,
    params: { ...halves.params, ...shape, pool: 'f16' },
    groups: rankGradientsGroups(1, 8, halves.rankWidth, shape),
    buffers: {
      ...{ call: encodeGradientCall(one), dy: floats(8 * 150), pool: halves.pool },
      ...{ u: unwritten(8 * 3 * halves.rankWidth), state: halves.state },
    },
    compare: { u: 'floats' },
  });
});

it('refuses more projections than z has room for', () => {
  expect(() => encodeGradientCall({ ...call, starts: [0, 1, 2, 3, 4] })).toThrow(RangeError);
  expect(mostOutputs(call)).toBe(91);
});
