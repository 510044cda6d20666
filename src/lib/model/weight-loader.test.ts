// Rows of a file reach their places on the GPU in any order, also when only a few are read at a time.

import { expect, test } from 'vitest';
import { halfAt, toHalf } from '#lib/core/half.ts';
import { createRng } from '#lib/core/rng.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { fusedRows } from '#lib/formats/model/slice-rows.ts';
import { readWeight } from '#lib/webgpu/kernels/shared/weights.ts';
import { createMatrix } from '#lib/webgpu/matrix.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { createWeightLoader, type StoredMatrix } from './weight-loader.ts';

const random = createRng(3);
const ROWS = 24;
const COLUMNS = 100;
const VALUES = Array.from({ length: ROWS }, () =>
  Array.from({ length: COLUMNS }, () => halfAt(toHalf(random.normal()), 0)),
);
const ARRAYS = {
  F32: (values: number[]) => Float32Array.from(values),
  F16: (values: number[]) => Uint16Array.from(values, toHalf),
  F64: (values: number[]) => Float64Array.from(values),
};

/** What the GPU holds after `lines` of a file were loaded. */
async function loaded(
  lines: number[][],
  dtype: keyof typeof ARRAYS,
  rangeBytes: number,
  where: Omit<StoredMatrix, 'tensor'>,
): Promise<number[][]> {
  const device = createReferenceDevice();
  const data = new Uint8Array(ARRAYS[dtype](lines.flat()).buffer);
  // Behind a header of an odd length, as in a file.
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, ...data);
  const shape = [lines.length, lines[0]!.length];
  const tensor = { name: 't', file: 'f', dtype, shape, start: 7, end: bytes.length };
  const folder = createMemoryFolder('m', new Map([['f', bytes]]));
  const loader = createWeightLoader({ device, folder, tensors: 1, rangeBytes, onBytes: () => undefined });
  const matrix = createMatrix(device, 'matrix', ROWS, COLUMNS, 'f32');
  await loader.fill(matrix, { tensor, ...where });
  await loader.finish();
  loader.dispose();
  const [part] = matrix.parts;
  const plane = await device.read(part!.weights, 0, part!.weights.bytes);
  const words = { f32: new Float32Array(plane), u32: new Uint32Array(plane) };
  return VALUES.map((row, n) => row.map((_, k) => readWeight('f32', words, words, matrix.groups, n, k)));
}

test.each<[keyof typeof ARRAYS, number]>([
  ['F32', 1 << 20],
  ['F32', 32 * ROWS * 4],
  ['F16', 32 * ROWS * 2],
  ['F64', 64 * ROWS * 8],
])('a transposed matrix in %s is turned, %i bytes at a time', async (dtype, rangeBytes) => {
  const lines = VALUES[0]!.map((_, column) => VALUES.map((row) => row[column]!));
  const runs = [{ from: 0, to: 0, count: ROWS }];
  expect(await loaded(lines, dtype, rangeBytes, { runs, isTransposed: true })).toEqual(VALUES);
});

test.each([1 << 20, 8 * COLUMNS * 4])('interleaved projections come together, %i bytes at a time', async (range) => {
  // Two groups of 6, 2 and 4 rows.
  let to = 0;
  const runs = fusedRows([12, 4, 8], 2)
    .flat()
    .map(({ first: from, count }) => {
      to += count;
      return { from, to: to - count, count };
    });
  expect(runs.map(({ from }) => from)).toEqual([0, 12, 6, 18, 8, 20]);
  const expected = runs.flatMap(({ from, count }) => VALUES.slice(from, from + count));
  expect(await loaded(VALUES, 'F32', range, { runs, isTransposed: false })).toEqual(expected);
});

test('a range that holds no whole group of a transposed matrix is refused', async () => {
  const where = { runs: [{ from: 0, to: 0, count: ROWS }], isTransposed: true };
  const lines = VALUES[0]!.map((_, column) => VALUES.map((row) => row[column]!));
  await expect(loaded(lines, 'F32', 31 * ROWS * 4, where)).rejects.toThrow('a shape that cannot be streamed');
});
