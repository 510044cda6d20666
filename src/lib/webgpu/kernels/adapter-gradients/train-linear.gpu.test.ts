// The kernels of training together: one linear layer, two adapters of different ranks, least squares, three steps of AdamW.

import { describe, expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import type { Groups, Kernel, KernelParams } from '#lib/webgpu/kernel.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { testDevice } from '#tests/support/kernel-case.ts';
import { randomPlanes } from '#tests/support/random-planes.ts';
import { padded } from '../../matrix.ts';
import { HEADER, roundRank, ROW, SLOT, stepLayout, stepParams } from '../../step-state.ts';
import { adamw, adamwGroups, optimizerThreads } from '../adamw/adamw.ts';
import { gradientNorm } from '../adamw/gradient-norm.ts';
import { encodeSquaresCall, gradientSquares } from '../adamw/gradient-squares.ts';
import { encodeOptimizerTable, pageCount, RECORD, type OptimizerJob } from '../adamw/optimizer-table.ts';
import {
  encodeLinearBackwardCall,
  linearBackward,
  linearBackwardGroups,
  linearBackwardShape,
} from '../linear/linear.backward.ts';
import { encodeLinearCall, linear, linearGroups } from '../linear/linear.ts';
import { encodeNormCall, norm } from '../norm/norm.ts';
import { readWeight } from '../shared/weights.ts';
import { aGradients, aGradientsGroups } from './a-gradients.ts';
import { bGradients, bGradientsGroups } from './b-gradients.ts';
import { encodeGradientCall, gradientShape } from './gradient-call.ts';
import { encodeGradientRuns } from './gradient-runs.ts';
import { inputGradients, inputGradientsGroups } from './input-gradients.ts';
import { rankGradients, rankGradientsGroups } from './rank-gradients.ts';

const PAGE = 512;
const INPUT = 64;
const OUTPUT = 72;
const STRIDE = padded(OUTPUT);
const STEPS = 3;
/** Rows of each sequence. */
const LENGTH = 4;

/** B of the second lies on two pages. `scale` is alpha / rank. */
const ADAPTERS = [
  { ...{ rank: 3, scale: 2, descriptor: 0, pages: [2] }, rate: 0.02, clip: 5 },
  { ...{ rank: 5, scale: 0.5, descriptor: 16, pages: [3, 0, 1] }, rate: 0.05, clip: 0 },
];
const OPTIMIZER = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.1 } as const;

const random = createRng(97);
const normals = (length: number, scale = 1) => Float32Array.from({ length }, () => random.normal() * scale);
const planes = randomPlanes(random, 'q8', OUTPUT, INPUT / 32);
/** A as PEFT starts it, and B apart from zero, so that both learn in the first step. */
const START = ADAPTERS.map(({ rank }) => ({ a: normals(rank * INPUT, 0.2), b: normals(OUTPUT * rank, 0.2) }));
const X = normals(3 * LENGTH * INPUT);
const WANTED = normals(3 * LENGTH * OUTPUT, 3);

type Blend = readonly { adapter: number; weight: number }[];
const [ALONE, OTHER, BOTH, NONE]: Blend[] = [
  [{ adapter: 0, weight: 1 }],
  [{ adapter: 1, weight: 1 }],
  [
    { adapter: 1, weight: 0.5 },
    { adapter: 0, weight: 0.75 },
  ],
  [],
];

const layout = stepLayout({
  ...{ maxRows: 16, maxSlots: 3, maxBlocks: 1, layers: 1, targets: 1, adapterWords: 64, pageElements: PAGE },
});
const step = stepParams(layout);

/** Element of A[r, 0] and of B[n, 0]. A lies on the first page; B behind it or on pages of its own. */
const placesOf = ({ rank, pages }: (typeof ADAPTERS)[0]) => {
  const [first, ...others] = pages.map((page) => page * PAGE) as [number, ...number[]];
  const rows = Math.floor(PAGE / roundRank(rank) / 4) * 4;
  const pagesOfB = others.length > 0 ? others : [first + rank * INPUT];
  return {
    pagesOfB,
    a: (r: number) => first + r * INPUT,
    b: (n: number) => pagesOfB[Math.floor(n / rows)]! + (n % rows) * roundRank(rank),
  };
};

function stateOf(blends: readonly Blend[]) {
  const state = new Uint32Array(layout.words);
  const floats = new Float32Array(state.buffer);
  for (const adapter of ADAPTERS) {
    const { a, pagesOfB } = placesOf(adapter);
    const rowsOfA = Array.from({ length: adapter.rank }, (_, r) => a(r));
    // Where its vectors are listed, its greatest rank, its rank in the layer, rows of A, no gain, pages of B.
    const words = [3, adapter.rank, adapter.rank, ...rowsOfA, 0, ...pagesOfB];
    state.set(words, layout.adapters + adapter.descriptor);
  }
  let rankWidth = 0;
  blends.forEach((blend, slot) => {
    const at = layout.slots + slot * SLOT.words;
    state[at + SLOT.blendCount] = blend.length;
    blend.forEach(({ adapter, weight }, e) => {
      state[at + SLOT.blend + 2 * e] = ADAPTERS[adapter]!.descriptor;
      floats[at + SLOT.blend + 2 * e + 1] = weight;
    });
    const width = blend.reduce((sum, { adapter }) => sum + roundRank(ADAPTERS[adapter]!.rank), 0);
    rankWidth = Math.max(rankWidth, width);
    for (let i = 0; i < LENGTH; i++) state[layout.rows + (slot * LENGTH + i) * ROW.words + ROW.slot] = slot;
  });
  state[HEADER.rows] = blends.length * LENGTH;
  state[HEADER.rankWidth] = rankWidth;
  return { state, rankWidth };
}

/** Trains on a device. `learns` are the adapters with a gradient; the loss is half the sum of squares. */
async function trainOn(device: Device, blends: readonly Blend[], learns: readonly number[]) {
  const rows = blends.length * LENGTH;
  const { state, rankWidth } = stateOf(blends);
  const upload = (data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): DeviceBuffer => {
    const buffer = device.createBuffer('test', data.byteLength);
    device.write(buffer, 0, data);
    return buffer;
  };
  const zeros = (count: number) => device.createBuffer('zeros', count * 4);
  const poolElements = 4 * PAGE;
  const values = new Float32Array(poolElements);
  const scales = new Float32Array(poolElements / 32);
  ADAPTERS.forEach((adapter, i) => {
    const { a, b } = placesOf(adapter);
    const { rank, scale } = adapter;
    for (let r = 0; r < rank; r++) values.set(START[i]!.a.subarray(r * INPUT, (r + 1) * INPUT), a(r));
    scales.fill(1, a(0) / 32, a(rank) / 32);
    for (let n = 0; n < OUTPUT; n++) {
      for (let r = 0; r < rank; r++) values[b(n) + r] = scale * START[i]!.b[n * rank + r]!;
      scales[Math.floor(b(n) / 32)] = scale;
    }
  });
  const run = (first: number) => ({ first: first * LENGTH, end: (first + 1) * LENGTH });
  const runs = encodeGradientRuns(
    learns.map((adapter) => ({
      descriptor: ADAPTERS[adapter]!.descriptor,
      places: ADAPTERS[adapter]!.descriptor,
      runs: blends.flatMap((blend, slot) => (blend.some((one) => one.adapter === adapter) ? [run(slot)] : [])),
    })),
  );
  const jobs = ADAPTERS.map(({ pages, rate, clip }, adapter): OptimizerJob => {
    return { ...OPTIMIZER, pages, rate, clip, scale: 1 / rows, applies: learns.includes(adapter) };
  });
  const pages = pageCount(jobs);
  const of = {
    ...{ state: upload(state), pool: upload(values), x: upload(X), runs: upload(runs), scales: upload(scales) },
    ...{
      weights: upload(planes.weights),
      scalesOfWeights: upload(planes.scales),
      table: upload(encodeOptimizerTable(jobs)),
    },
    ...{ y: zeros(rows * STRIDE), z: zeros(rows * 3 * rankWidth), u: zeros(rows * 3 * rankWidth) },
    ...{ total: zeros(rows * STRIDE), h: zeros(rows * STRIDE), dy: zeros(rows * STRIDE), dx: zeros(rows * INPUT) },
    ...{ grads: zeros(poolElements), first: zeros(poolElements), second: zeros(poolElements) },
    ...{ squares: zeros(pages), records: zeros(jobs.length * RECORD.words) },
  };
  const stage = async <P extends KernelParams, B extends string>(
    kernel: Kernel<P, B>,
    params: P,
    buffers: Record<B, DeviceBuffer>,
    groups: Groups,
  ): Promise<Dispatch> => ({ binding: device.bind(await device.program(kernel, params), buffers), groups });

  const call = { rows: OUTPUT, groups: INPUT / 32, firstRow: 0, yStride: STRIDE, countWord: HEADER.rows };
  const ofLinear = { ...call, layer: 0, firstTarget: 0, targets: 1 };
  const ofGradients = { ...ofLinear, starts: [0, OUTPUT] };
  const words = upload(encodeGradientCall(ofGradients));
  const matrix = { weights: of.weights, scales: of.scalesOfWeights, state: of.state };
  const one = { tokens: 4, rows: 8, threads: 8, splits: 1, lanes: 0 };
  const back = linearBackwardShape(device);
  const shape = gradientShape(device);
  const threads = optimizerThreads(device);
  const pool = 'f32';
  const dtype = 'q8';
  const paged = { pageElements: PAGE, threads };
  const adds = { branch: true, post: false, bias: false, scale: false, gather: false, beside: false };
  const { x, y, z, u, dy, dx, grads, table, squares, records } = of;
  const forward = [
    await stage(
      linear,
      { ...step, ...one, dtype, pool },
      { ...matrix, call: upload(encodeLinearCall(ofLinear)), x, y, z, pool: of.pool },
      linearGroups(ofLinear, rows, rankWidth, one),
    ),
    await stage(
      norm,
      { ...step, ...adds, kind: 'none', hidden: OUTPUT, eps: 0, residual: 1, pool, ahead: 1, threads: 8 },
      {
        call: upload(encodeNormCall({ layer: 0, target: 0, weightAt: 0, postAt: 0, biasAt: 0, scaleAt: 0 })),
        ...{ x: of.total, y, h: of.h, vectors: zeros(4), z, pool: of.pool, state: of.state },
      },
      [rows, 1, 1],
    ),
  ];
  const backward = [
    await stage(
      linearBackward,
      { ...step, ...back, dtype },
      { ...matrix, call: upload(encodeLinearBackwardCall({ ...call, adds: false })), dy, dx },
      linearBackwardGroups(call, rows, back),
    ),
    await stage(
      rankGradients,
      { ...step, ...shape, pool },
      { call: words, dy, pool: of.pool, u, state: of.state },
      rankGradientsGroups(1, rows, rankWidth, shape),
    ),
    await stage(
      inputGradients,
      { ...step, ...shape, pool },
      { call: words, u, pool: of.pool, dx, state: of.state },
      inputGradientsGroups(ofGradients, rows, shape),
    ),
    await stage(
      aGradients,
      { ...step, ...shape },
      { call: words, x, u, grads, runs: of.runs, state: of.state },
      aGradientsGroups(ofGradients, rankWidth, learns.length, shape),
    ),
    await stage(
      bGradients,
      { ...step, ...shape },
      { call: words, dy, z, grads, runs: of.runs, state: of.state },
      bGradientsGroups(ofGradients, rankWidth, learns.length, shape),
    ),
  ];
  const optimize = [
    await stage(
      gradientSquares,
      paged,
      { call: upload(encodeSquaresCall(0, pages)), table, scales: of.scales, grads, squares },
      [pages, 1, 1],
    ),
    await stage(gradientNorm, { layers: 1, threads }, { table, squares, records }, [jobs.length, 1, 1]),
    await stage(
      adamw,
      paged,
      { table, records, scales: of.scales, pool: of.pool, grads, first: of.first, second: of.second },
      adamwGroups(pages, paged),
    ),
  ];

  const losses: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    device.write(of.total, 0, new Float32Array(rows * STRIDE));
    const total = new Float32Array(await device.submitAndRead(forward, of.total, rows * STRIDE * 4));
    const error = total.map((value, at) =>
      at % STRIDE < OUTPUT ? value - wantedAt(Math.floor(at / STRIDE), at % STRIDE) : 0,
    );
    losses.push(error.reduce((sum, value) => sum + value ** 2 / 2, 0));
    device.write(dy, 0, error);
    device.submit([...backward, ...optimize]);
  }
  const floats = async (buffer: DeviceBuffer, count: number) =>
    new Float32Array(await device.read(buffer, 0, count * 4));
  const trained = await floats(of.pool, poolElements);
  return {
    losses,
    dx: await floats(dx, rows * INPUT),
    pageOf: (page: number) => trained.slice(page * PAGE, (page + 1) * PAGE),
    adapters: ADAPTERS.map((adapter) => {
      const { a, b } = placesOf(adapter);
      const { rank, scale } = adapter;
      return {
        a: Float32Array.from({ length: rank * INPUT }, (_, i) => trained[a(Math.floor(i / INPUT)) + (i % INPUT)]!),
        b: Float32Array.from(
          { length: OUTPUT * rank },
          (_, i) => trained[b(Math.floor(i / rank)) + (i % rank)]! / scale,
        ),
      };
    }),
  };
}

const wantedAt = (row: number, n: number): number => WANTED[row * OUTPUT + n]!;

/** The same in plain loops over plain matrices, with the formulas of the AdamW paper. */
function trainPlainly(blends: readonly Blend[]) {
  const memory = ({ buffer }: typeof planes.weights) => ({
    f32: new Float32Array(buffer),
    u32: new Uint32Array(buffer),
  });
  const [weights, scales] = [memory(planes.weights), memory(planes.scales)];
  const w = (n: number, k: number) => readWeight('q8', weights, scales, INPUT / 32, n, k);
  const adapters = START.map(({ a, b }) => {
    const tensor = (from: Float32Array) => ({
      ...{ value: Float64Array.from(from), gradient: new Float64Array(from.length) },
      ...{ first: new Float64Array(from.length), second: new Float64Array(from.length) },
    });
    return { a: tensor(a), b: tensor(b) };
  });
  const rows = blends.length * LENGTH;
  const losses: number[] = [];
  let dx = new Float64Array(rows * INPUT);
  for (let t = 1; t <= STEPS; t++) {
    let loss = 0;
    dx = new Float64Array(rows * INPUT);
    for (const { a, b } of adapters) [a, b].forEach(({ gradient }) => gradient.fill(0));
    for (let row = 0; row < rows; row++) {
      const x = (k: number) => X[row * INPUT + k]!;
      const applied = blends[Math.floor(row / LENGTH)]!.map(({ adapter, weight }) => {
        const { rank, scale } = ADAPTERS[adapter]!;
        const { a, b } = adapters[adapter]!;
        const z = Array.from({ length: rank }, (_, r) => {
          let sum = 0;
          for (let k = 0; k < INPUT; k++) sum += a.value[r * INPUT + k]! * x(k);
          return sum;
        });
        return { a, b, z, rank, factor: weight * scale, u: new Float64Array(rank) };
      });
      for (let n = 0; n < OUTPUT; n++) {
        let y = 0;
        for (let k = 0; k < INPUT; k++) y += w(n, k) * x(k);
        for (const { b, z, rank, factor } of applied) z.forEach((zr, r) => (y += factor * zr * b.value[n * rank + r]!));
        const error = y - wantedAt(row, n);
        loss += error ** 2 / 2;
        for (let k = 0; k < INPUT; k++) dx[row * INPUT + k]! += error * w(n, k);
        for (const { b, z, rank, factor, u } of applied) {
          for (let r = 0; r < rank; r++) {
            b.gradient[n * rank + r]! += factor * error * z[r]!;
            u[r]! += factor * error * b.value[n * rank + r]!;
          }
        }
      }
      for (const { a, u } of applied) {
        u.forEach((ur, r) => {
          for (let k = 0; k < INPUT; k++) {
            a.gradient[r * INPUT + k]! += ur * x(k);
            dx[row * INPUT + k]! += ur * a.value[r * INPUT + k]!;
          }
        });
      }
    }
    losses.push(loss);
    adapters.forEach(({ a, b }, i) => {
      const { rate, clip } = ADAPTERS[i]!;
      const [beta1, beta2] = OPTIMIZER.betas;
      const norm =
        Math.sqrt([a, b].reduce((sum, { gradient }) => sum + gradient.reduce((s, g) => s + g ** 2, 0), 0)) / rows;
      const factor = (clip > 0 ? Math.min(1, clip / (norm + 1e-6)) : 1) / rows;
      for (const { value, gradient, first, second } of [a, b]) {
        gradient.forEach((sum, j) => {
          const g = factor * sum;
          first[j] = beta1 * first[j]! + (1 - beta1) * g;
          second[j] = beta2 * second[j]! + (1 - beta2) * g ** 2;
          const step = first[j] / (1 - beta1 ** t) / (Math.sqrt(second[j] / (1 - beta2 ** t)) + OPTIMIZER.epsilon);
          value[j] = value[j]! - rate * OPTIMIZER.weightDecay * value[j]! - rate * step;
        });
      }
    });
  }
  return { losses, dx, adapters: adapters.map(({ a, b }) => ({ a: a.value, b: b.value })) };
}

function expectNear(got: Float32Array, wanted: Float64Array, tolerance: number, what: string): void {
  const greatest = wanted.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const off = wanted.reduce((most, value, i) => Math.max(most, Math.abs(got[i]! - value)), 0);
  expect(off / greatest, what).toBeLessThan(tolerance);
}

describe('two adapters over one linear layer', () => {
  const blends = [ALONE!, OTHER!, BOTH!];
  const plain = trainPlainly(blends);

  it.each([
    { on: 'the GPU', open: () => testDevice('default') },
    { on: 'the reference device', open: () => Promise.resolve(createReferenceDevice()) },
  ])('learn on $on what plain loops learn', async ({ open }) => {
    const trained = await trainOn(await open(), blends, [0, 1]);
    trained.losses.forEach((loss, i) => expect(loss / plain.losses[i]!).toBeCloseTo(1, 5));
    expect(trained.losses[2]).toBeLessThan(trained.losses[0]!);
    expectNear(trained.dx, plain.dx, 1e-5, 'dX of the last step');
    trained.adapters.forEach(({ a, b }, i) => {
      expectNear(a, plain.adapters[i]!.a, 2e-5, `A of adapter ${i}`);
      expectNear(b, plain.adapters[i]!.b, 2e-5, `B of adapter ${i}`);
    });
  });

  it('give the same bits each time, and each the bits that it gives alone', async () => {
    const device = await testDevice('default');
    const apart = [ALONE!, OTHER!, NONE!];
    const [once, again] = [await trainOn(device, apart, [0, 1]), await trainOn(device, apart, [0, 1])];
    expect(again.adapters).toEqual(once.adapters);
    const alone = await trainOn(device, [ALONE!, NONE!, NONE!], [0]);
    expect(alone.pageOf(2)).toEqual(once.pageOf(2));
    const other = await trainOn(device, [NONE!, OTHER!, NONE!], [1]);
    for (const page of [0, 1, 3]) expect(other.pageOf(page)).toEqual(once.pageOf(page));
    // An adapter that is not learning keeps its weights.
    expect(other.adapters[0]!.a).toEqual(START[0]!.a);
  });
});
