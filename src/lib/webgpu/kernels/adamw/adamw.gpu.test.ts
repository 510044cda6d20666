import { describe, expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { expectClose, expectSame, runKernel, testDevice, unwritten } from '#tests/support/kernel-case.ts';
import { adamw, adamwGroups, optimizerThreads } from './adamw.ts';
import { gradientNorm } from './gradient-norm.ts';
import { encodeSquaresCall, gradientSquares } from './gradient-squares.ts';
import { ACTION, encodeOptimizerTable, RECORD, type OptimizerJob } from './optimizer-table.ts';

const random = createRng(61);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

const PAGE = 416;
const PAGES = 7;
const LAYERS = 3;
/** The last page is cut short. */
const ELEMENTS = PAGE * PAGES - 64;
/** Sums of squares beside the pool. */
const BESIDE = 11;

const plain = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.1 } as const;
const jobs: OptimizerJob[] = [
  { ...plain, applies: true, pages: [5, 0, 3], rate: 0.01, clip: 0.5, scale: 0.25 },
  { ...plain, applies: false, pages: [1], rate: 0.01, clip: 1, scale: 1 },
  {
    ...plain,
    applies: true,
    pages: [6],
    rate: 0.02,
    clip: 0,
    scale: 1,
    betas: [0.8, 0.95],
    besides: { first: 18, count: BESIDE },
  },
  { ...plain, applies: true, pages: [2], rate: 0.02, clip: 1, scale: 1 },
];
const table = encodeOptimizerTable(jobs);
const pages = 6;
const scales = Float32Array.from({ length: (PAGE * PAGES) / 32 }, (_, i) => [1, 0.5, 0][i % 3]!);

/** Records of jobs that stepped, waited, stepped and skipped. */
const records = new Float32Array(jobs.length * RECORD.words);
jobs.forEach((_, job) => {
  const words = new Uint32Array(records.buffer);
  const at = job * RECORD.words;
  words.set([[ACTION.stepped, ACTION.waited, ACTION.stepped, ACTION.skipped][job]!, 3, 1], at);
  records.set([1.5, 0.75, 0.271, 0.003], at + RECORD.norm);
});

describe.each([
  { of: 'software adapters', threads: optimizerThreads({ software: true }) },
  { of: 'real GPUs', threads: optimizerThreads({ software: false }) },
])('the optimizer with the threads of $of', ({ threads }) => {
  it('sums squares by pages, and knows numbers that are none', async () => {
    const grads = floats(ELEMENTS);
    // In a part that learns, and in one that does not.
    grads[2 * PAGE + 33] = NaN;
    grads[0] = -Infinity;
    grads[5 * PAGE + 31] = NaN;
    expect([scales[(2 * PAGE) / 32 + 1], scales[0], scales[(5 * PAGE) / 32]]).toEqual([1, 1, 0]);
    const of = {
      kernel: gradientSquares,
      params: { pageElements: PAGE, threads },
      groups: [pages, 1, 1] as const,
      buffers: {
        ...{ call: encodeSquaresCall(1, BESIDE), table, scales, grads },
        squares: unwritten(BESIDE + LAYERS * pages),
      },
      compare: { squares: 'floats' as const },
    };
    const finite = (bytes?: ArrayBuffer) =>
      Float32Array.from(new Float32Array(bytes!), (value) => (Number.isFinite(value) ? value : -1));
    const [expected, actual] = [await runKernel(createReferenceDevice(), of), await runKernel(await testDevice(), of)];
    expect([...finite(expected.squares)].filter((value) => value >= 0)).toHaveLength(4);
    expectClose(finite(actual.squares), finite(expected.squares), 1e-6, 'squares');
  });

  it('judges each adapter by its own norm, without the host', async () => {
    const squares = floats(LAYERS * pages + BESIDE).map(Math.abs);
    // Of the last adapter, in the last layer.
    squares[3 * pages - 1] = Infinity;
    const of = {
      kernel: gradientNorm,
      params: { layers: LAYERS, threads },
      groups: [jobs.length, 1, 1] as const,
      buffers: { table, squares, records },
      compare: { records: 'floats' as const },
    };
    const expected = (await runKernel(createReferenceDevice(), of)).records!;
    const actual = (await runKernel(await testDevice(), of)).records!;
    const counts = (bytes: ArrayBuffer) =>
      jobs.map((_, job) => Array.from(new Uint32Array(bytes, job * RECORD.words * 4, RECORD.norm)));
    expect(counts(actual)).toEqual(counts(expected));
    expect(counts(actual).map(([action]) => action)).toEqual([1, 0, 1, 2]);
    expect(new Float32Array(actual)[3 * RECORD.words + RECORD.norm]).toBe(Infinity);
    const numbers = (bytes: ArrayBuffer) => new Float32Array(bytes).filter(Number.isFinite);
    expectClose(numbers(actual), numbers(expected), 1e-6, 'records');
  });

  it('steps, skips and waits as the records say', async () => {
    const shape = { pageElements: PAGE, threads };
    await expectSame({
      kernel: adamw,
      params: shape,
      groups: adamwGroups(pages, shape),
      buffers: {
        ...{ table, records, scales, pool: floats(ELEMENTS), grads: floats(ELEMENTS) },
        ...{ first: floats(ELEMENTS), second: floats(ELEMENTS).map(Math.abs) },
      },
      compare: { pool: 'floats', grads: 'floats', first: 'floats', second: 'floats' },
    });
  });
});
