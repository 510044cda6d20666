import { describe, expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { randomPlanes } from '#tests/support/random-planes.ts';
import { stepCase } from '#tests/support/step-case.ts';
import type { Memory } from '../../kernel.ts';
import { HEADER, ROW, SLOT } from '../../step-state.ts';
import { encodeLinearBackwardCall, linearBackward } from '../linear/linear.backward.ts';
import { encodeLinearCall, linear } from '../linear/linear.ts';
import { adapterDelta, adapterPlaces } from '../shared/adapter.ts';
import { aGradients } from './a-gradients.ts';
import { bGradients } from './b-gradients.ts';
import { encodeGradientCall } from './gradient-call.ts';
import { encodeGradientRuns, readGradient } from './gradient-runs.ts';
import { gainGradients } from './gain-gradients.ts';
import { gainedOutputs } from './gained-outputs.ts';
import { inputGradients } from './input-gradients.ts';
import { rankGradients } from './rank-gradients.ts';

const random = createRng(83);
const memory = ({ buffer }: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): Memory => ({
  f32: new Float32Array(buffer),
  u32: new Uint32Array(buffer),
});
const floats = (length: number) => memory(Float32Array.from({ length }, () => random.normal()));

const ROWS = 12;
const GROUPS = 2;
const COLUMNS = GROUPS * 32;
/** Three stacked projections. */
const STARTS = [0, 13, 20, 37];
const OUTPUTS = 37;
const LAYER = 1;
const TARGET = 4;

const step = stepCase({ rows: ROWS, longest: COLUMNS, ranks: [3, 5], dora: true });
for (let row = 0; row < ROWS; row++) {
  step.state[step.params.rowsAt + row * ROW.words + ROW.slot] = Math.floor(row / 3);
}
const state = memory(step.state);
const pool = memory(step.pool);
const params = { ...step.params, pool: 'f32', dtype: 'q8', threads: 8, lanes: 1 } as const;
const planes = randomPlanes(random, 'q8', OUTPUTS, GROUPS);
const [weights, scales] = [memory(planes.weights), memory(planes.scales)];
const x = floats(ROWS * COLUMNS);
/** What is differentiated: the sum of all outputs, each times its number here. */
const dy = floats(ROWS * OUTPUTS);
const z = memory(new Float32Array(ROWS * 3 * step.rankWidth));

/** What the base gives, without adapters. */
const y = memory(new Float32Array(ROWS * OUTPUTS));

/** The forward pass, from the plain forms of its kernels. The first adapter has gains. */
function loss(): number {
  const call = { rows: OUTPUTS, groups: GROUPS, firstRow: 0, yStride: OUTPUTS, layer: LAYER, firstTarget: TARGET };
  const words = memory(encodeLinearCall({ ...call, targets: 3, countWord: HEADER.rows }));
  const shape = { tokens: 1, rows: 8, threads: 8, splits: 1, lanes: 0 };
  linear.reference({ call: words, x, weights, scales, y, z, pool, state }, { ...params, ...shape }, [1, 1, 1]);
  let sum = 0;
  for (let row = 0; row < ROWS; row++) {
    for (let n = 0; n < OUTPUTS; n++) {
      const zTarget = STARTS.findIndex((start, t) => n >= start && n < STARTS[t + 1]!);
      const at = { row, layer: LAYER, target: TARGET + zTarget, zTarget, n: n - STARTS[zTarget]! };
      const base = y.f32[row * OUTPUTS + n]!;
      sum += dy.f32[row * OUTPUTS + n]! * (base + adapterDelta({ state, pool, z }, params, { ...at, y: base }));
    }
  }
  return sum;
}

/** The loss is linear in each number alone, so a wide step has no error but that of rounding. */
function difference(values: Float32Array, at: number): number {
  const old = values[at]!;
  values[at] = old + 1;
  const above = loss();
  values[at] = old - 1;
  const below = loss();
  values[at] = old;
  return (above - below) / 2;
}

describe('the backward pass of a linear layer with adapters', () => {
  const call = encodeGradientCall({
    groups: GROUPS,
    yStride: OUTPUTS,
    layer: LAYER,
    firstTarget: TARGET,
    starts: STARTS,
  });
  const words = memory(call);
  const descriptorOf = (slot: number) => step.state[params.slotsAt + slot * SLOT.words + SLOT.blend]!;
  // Sequences 0 and 1 have one adapter each, sequence 2 both, sequence 3 none.
  const both = { first: 6, end: 9 };
  const runs = memory(
    encodeGradientRuns([
      { descriptor: descriptorOf(0), places: descriptorOf(0), runs: [{ first: 0, end: 3 }, both] },
      { descriptor: descriptorOf(1), places: descriptorOf(1), runs: [{ first: 3, end: 6 }, both] },
    ]),
  );
  loss();
  const u = memory(new Float32Array(z.f32.length));
  const dx = memory(new Float32Array(x.f32.length).fill(7));
  const grads = memory(new Float32Array(pool.f32.length));
  const back = { rows: OUTPUTS, firstRow: 0, groups: GROUPS, yStride: OUTPUTS, countWord: HEADER.rows, adds: false };
  rankGradients.reference({ call: words, dy, pool, u, state }, params, [1, 1, 1]);
  aGradients.reference({ call: words, x, u, grads, runs, state }, params, [1, 1, 2]);
  bGradients.reference({ call: words, dy, z, grads, runs, state }, params, [1, 1, 2]);
  gainGradients.reference({ call: words, dy, y, z, pool, grads, runs, state }, params, [1, 1, 2]);
  const arrived = memory(dy.f32.slice());
  gainedOutputs.reference({ call: words, dy: arrived, pool, state }, params, [1, 1, 1]);
  const frozen = { call: memory(encodeLinearBackwardCall(back)), dy: arrived, weights, scales, dx, state };
  linearBackward.reference(frozen, { ...params, form: 'tiled' }, [1, 1, 1]);
  inputGradients.reference({ call: words, u, pool, dx, state }, params, [1, 1, 1]);
  const expectDerivative = (got: number, values: Float32Array, at: number) => {
    const wanted = difference(values, at);
    expect(Math.abs(got - wanted), `element ${at}: ${got}, not ${wanted}`).toBeLessThan(1e-4 * (1 + Math.abs(wanted)));
  };

  it('gives what finite differences of the forward pass give for the input', () => {
    for (const row of [0, 4, 7, 11]) {
      for (const k of [0, 17, COLUMNS - 1]) expectDerivative(dx.f32[row * COLUMNS + k]!, x.f32, row * COLUMNS + k);
    }
  });

  it('gives what they give for A and B, of adapters alone and blended', () => {
    for (const g of [0, 1]) {
      const { descriptor } = readGradient(runs, g);
      for (const t of [0, 1, 2]) {
        const { rowAt, bAt } = adapterPlaces(state, params, descriptor, TARGET + t);
        for (const at of [rowAt(0), rowAt(1) + 33, bAt(0, 0), bAt(6, 1)]) {
          expectDerivative(grads.f32[at]!, pool.f32, at);
          expect(grads.f32[at]).not.toBe(0);
        }
      }
    }
  });

  it('gives what they give for gains, which B carries too', () => {
    const { gainAt, bAt } = adapterPlaces(state, params, descriptorOf(0), TARGET + 1);
    for (const n of [0, 6]) {
      const [at, ...row] = [gainAt() + n, ...[0, 1, 2].map((r) => bAt(n, r))] as [number, ...number[]];
      const kept = pool.f32.slice();
      const gain = 1 + kept[at]!;
      const lossAt = (changed: number) => {
        pool.f32[at] = changed - 1;
        for (const element of row) pool.f32[element] = (kept[element]! * changed) / gain;
        const found = loss();
        pool.f32.set(kept);
        return found;
      };
      const wanted = (lossAt(gain + 1) - lossAt(gain - 1)) / 2;
      expect(Math.abs(grads.f32[at]! - wanted)).toBeLessThan(1e-4 * (1 + Math.abs(wanted)));
      expect(grads.f32[at]).not.toBe(0);
    }
    // The second adapter has none.
    expect(grads.f32[adapterPlaces(state, params, descriptorOf(1), TARGET).gainAt()]).toBe(0);
  });

  it('leaves all else in the buffer of gradients at zero', () => {
    const { rowAt, bAt } = adapterPlaces(state, params, descriptorOf(0), TARGET - 1);
    expect([grads.f32[rowAt(0)], grads.f32[bAt(0, 0)]]).toEqual([0, 0]);
  });
});
