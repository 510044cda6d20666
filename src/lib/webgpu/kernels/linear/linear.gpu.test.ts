import { describe, expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { expectSame, runKernel, testDevice, unwritten } from '#tests/support/kernel-case.ts';
import { randomPlanes } from '#tests/support/random-planes.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { HEADER } from '../../step-state.ts';
import {
  encodeLinearCall,
  linear,
  linearGroups,
  linearShapes,
  manyRowsShape,
  type LinearCall,
  type LinearShape,
} from './linear.ts';

const random = createRng(11);
const quads = (await testDevice('best')).lanes === 4;
/** Rows of the step that share loads within four lanes. */
const QUAD_CASE = {
  rows: 45,
  columns: 96,
  shape: { tokens: 16, rows: 4, threads: 8, splits: 1, lanes: 4 },
  count: 39,
  ranks: [5, 2, 8],
};

describe.each<WeightDtype>(['f32', 'f16', 'q8', 'q4'])('linear over %s weights', (dtype) => {
  it.each([
    { rows: 1, columns: 32, shape: { tokens: 1, rows: 4, threads: 32, splits: 1, lanes: 0 }, count: 1, ranks: [] },
    { rows: 13, columns: 64, shape: { tokens: 1, rows: 8, threads: 8, splits: 1, lanes: 0 }, count: 1, ranks: [3] },
    {
      rows: 37,
      columns: 96,
      shape: { tokens: 4, rows: 4, threads: 32, splits: 1, lanes: 0 },
      count: 7,
      ranks: [5, 2, 8],
    },
    {
      rows: 260,
      columns: 32,
      shape: { tokens: 4, rows: 8, threads: 8, splits: 1, lanes: 0 },
      count: 12,
      ranks: [1, 16],
    },
    {
      rows: 37,
      columns: 1056,
      shape: { tokens: 1, rows: 4, threads: 256, splits: 32, lanes: 0 },
      count: 1,
      ranks: [5],
    },
    { rows: 5, columns: 32, shape: { tokens: 1, rows: 2, threads: 32, splits: 4, lanes: 0 }, count: 3, ranks: [] },
    {
      rows: 35,
      columns: 96,
      shape: { tokens: 8, rows: 4, threads: 128, splits: 32, lanes: 0 },
      count: 17,
      ranks: [5, 2, 16],
    },
    {
      rows: 17,
      columns: 608,
      shape: { tokens: 8, rows: 4, threads: 64, splits: 16, lanes: 0 },
      count: 6,
      ranks: [64, 4],
    },
    {
      rows: 9,
      columns: 2080,
      shape: { tokens: 1, rows: 1, threads: 256, splits: 32, lanes: 0 },
      count: 2,
      ranks: [16],
    },
    {
      rows: 31,
      columns: 160,
      shape: { tokens: 1, rows: 4, threads: 32, splits: 1, lanes: 0 },
      count: 6,
      ranks: [64, 4, 2],
    },
    // Long texts: without and with scales is enough.
    ...(quads && (dtype === 'f32' || dtype === 'q4') ? [QUAD_CASE] : []),
  ])(
    '$rows x $columns, $count rows by $shape.tokens, adapters of rank $ranks',
    async ({ rows, columns, shape, count, ranks }) => {
      // Many threads that wait for each other take a software adapter seconds to compile: once is enough.
      const pools = shape.lanes > 0 ? (['f32'] as const) : (['f32', 'f16'] as const);
      for (const poolDtype of shape.threads > 32 ? (['f16'] as const) : pools) {
        const { state, pool, params, rankWidth } = stepCase({ rows: count, longest: columns, ranks, poolDtype });
        const call: LinearCall = {
          rows,
          groups: columns / 32,
          firstRow: 2,
          yStride: rows + 5,
          layer: 1,
          firstTarget: 4,
          targets: 3,
          countWord: HEADER.rows,
        };
        await expectSame({
          kernel: linear,
          params: { ...params, dtype, pool: poolDtype, ...shape },
          groups: linearGroups(call, count, rankWidth, shape),
          buffers: {
            call: encodeLinearCall(call),
            x: Float32Array.from({ length: count * columns }, () => random.normal()),
            ...randomPlanes(random, dtype, rows, columns / 32),
            y: unwritten(count * (rows + 5)),
            z: unwritten(Math.max(4, count * 3 * rankWidth)),
            pool,
            state,
          },
          compare: { y: 'floats', z: 'floats' },
          tolerance: 2e-6,
          limits: shape.lanes > 0 ? 'best' : 'default',
        });
      }
    },
  );

  it('computes only the rows a call is limited to', async () => {
    const shape = { tokens: 4, rows: 4, threads: 32, splits: 1, lanes: 0 };
    const { state, pool, params } = stepCase({ rows: 6, longest: 32 });
    const call: LinearCall = {
      rows: 8,
      groups: 1,
      firstRow: 0,
      yStride: 8,
      layer: 0,
      firstTarget: 0,
      targets: 0,
      countWord: HEADER.rows,
      firstToken: 2,
      tokenLimit: 5,
    };
    await expectSame({
      kernel: linear,
      params: { ...params, dtype, pool: 'f32', ...shape },
      groups: linearGroups(call, 3, 0, shape),
      buffers: {
        call: encodeLinearCall(call),
        x: Float32Array.from({ length: 6 * 32 }, () => random.normal()),
        ...randomPlanes(random, dtype, 8, 1),
        y: unwritten(48),
        z: unwritten(4),
        pool,
        state,
      },
      compare: { y: 'floats' },
    });
  });
});

it.runIf(quads)('gives the same bits in the forms for several and for many rows', async () => {
  const { rows, columns, count, ranks } = QUAD_CASE;
  const { state, pool, params, rankWidth } = stepCase({ rows: count, longest: columns, ranks });
  const of = { rows, groups: columns / 32, firstRow: 0, yStride: rows, layer: 1, firstTarget: 4, targets: 3 };
  const call: LinearCall = { ...of, countWord: HEADER.rows };
  const buffers = {
    call: encodeLinearCall(call),
    x: Float32Array.from({ length: count * columns }, () => random.normal()),
    ...randomPlanes(random, 'q4', rows, columns / 32),
    y: unwritten(count * rows),
    z: unwritten(count * 3 * rankWidth),
    pool,
    state,
  };
  const device = await testDevice('best');
  const run = (shape: LinearShape) =>
    runKernel(device, {
      kernel: linear,
      params: { ...params, dtype: 'q4', pool: 'f32', ...shape },
      groups: linearGroups(call, count, rankWidth, shape),
      buffers,
      compare: { y: 'words', z: 'words' },
    });
  const matrix = { rows, groups: columns / 32 };
  const [several, many] = [linearShapes(device, matrix).several, manyRowsShape(device, matrix)];
  expect(many).not.toEqual(several);
  expect(await run(many)).toEqual(await run(several));
});
