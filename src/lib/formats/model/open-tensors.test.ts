// Weights in forms other than plain floats, opened as safetensors of floats.

import { describe, expect, it, test } from 'vitest';
import { hashFiles } from '#lib/core/hash.ts';
import { createMemoryFolder } from '../memory-folder.ts';
import { float8Values } from './float8.ts';
import { decodeFloats } from './floats.ts';
import { openTensors } from './open-tensors.ts';
import { encodeSafetensors, type TensorDtype } from './safetensors.ts';

interface Given {
  dtype: TensorDtype;
  shape: number[];
  data: ArrayBufferView;
}

const folderOf = (tensors: Record<string, Given>) =>
  createMemoryFolder(
    'm',
    new Map<string, string | Uint8Array>([
      ['config.json', '{}'],
      ['model.safetensors', encodeSafetensors(Object.entries(tensors).map(([name, of]) => ({ name, ...of })))],
    ]),
  );
const f32 = (shape: number[], values: number[]): Given => ({ dtype: 'F32', shape, data: Float32Array.from(values) });
const f8 = (shape: number[], at: (i: number) => number, dtype: TensorDtype = 'F8_E4M3'): Given => ({
  dtype,
  shape,
  data: Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => at(i)),
});

async function opened(tensors: Record<string, Given>) {
  const { folder, index } = await openTensors(folderOf(tensors));
  const values = async (name: string, from?: number, to?: number) => {
    const { file, start, end, dtype } = index.get(name)!;
    return decodeFloats(await folder.read(file, start + (from ?? 0), to === undefined ? end : start + to), dtype, name);
  };
  return { folder, index, values };
}

describe('float8Values', () => {
  it('has the values of the formats', () => {
    const e4m3 = float8Values('F8_E4M3');
    expect([0x00, 0x01, 0x38, 0xb8, 0x7e, 0x08].map((bits) => e4m3[bits])).toEqual([0, 2 ** -9, 1, -1, 448, 2 ** -6]);
    expect([e4m3[0x7f], e4m3[0xff]]).toEqual([NaN, NaN]);
    const e5m2 = float8Values('F8_E5M2');
    expect([0x3c, 0xbc, 0x7b, 0x7c, 0x01].map((bits) => e5m2[bits])).toEqual([1, -1, 57344, Infinity, 2 ** -16]);
  });
});

describe('weights in 8-bit floats', () => {
  const table = float8Values('F8_E4M3');
  // No NaN among them.
  const pattern = (i: number) => (i * 37) % 127;

  it('are multiplied by the scales of blocks of 128 x 128, those at the edges smaller', async () => {
    const [rows, columns] = [200, 300];
    const scales = [1, 2, 3, 4, 5, 6];
    const { index, values } = await opened({
      'a.weight': f8([rows, columns], pattern),
      'a.weight_scale_inv': f32([2, 3], scales),
      'b.weight': f32([2], [7, 8]),
    });
    expect([...index.keys()]).toEqual(['a.weight', 'b.weight']);
    expect(index.get('a.weight')).toMatchObject({ dtype: 'F32', shape: [rows, columns] });
    const expected = Float32Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return table[pattern(i)]! * scales[Math.floor(row / 128) * 3 + Math.floor(column / 128)]!;
    });
    expect(await values('a.weight')).toEqual(expected);
    expect([...(await values('b.weight'))]).toEqual([7, 8]);
    // Rows from the middle, and a range that cuts a number.
    expect(await values('a.weight', 130 * columns * 4, 131 * columns * 4)).toEqual(
      expected.slice(130 * columns, 131 * columns),
    );
  });

  it.each<[string, number[], number[], (row: number, column: number) => number]>([
    ['blocks of 16', [2, 3], [1, 2, 3, 4, 5, 6], (row, column) => 1 + (row >> 4) * 3 + (column >> 4)],
    ['rows', [32, 1], Array.from({ length: 32 }, (_, i) => i + 1), (row) => row + 1],
    ['rows as a vector', [32], Array.from({ length: 32 }, (_, i) => i + 1), (row) => row + 1],
    ['the tensor', [1], [3], () => 3],
    ['the tensor, as a scalar', [], [3], () => 3],
  ])('are multiplied by the scales of %s', async (_, shape, scales, factor) => {
    const { values, index } = await opened({
      'a.weight': f8([32, 48], pattern),
      'a.weight_scale': f32(shape, scales),
      'a.input_scale': f32([1], [9]),
    });
    expect([...index.keys()]).toEqual(['a.weight']);
    expect(await values('a.weight')).toEqual(
      Float32Array.from({ length: 32 * 48 }, (_, i) => table[pattern(i)]! * factor(Math.floor(i / 48), i % 48)),
    );
  });

  it('are multiplied by scales that are exponents', async () => {
    const { values } = await opened({
      'a.weight': f8([2, 4], pattern),
      'a.weight_scale_inv': { dtype: 'F8_E8M0', shape: [2, 1], data: Uint8Array.of(127, 129) },
    });
    expect(await values('a.weight')).toEqual(
      Float32Array.from({ length: 8 }, (_, i) => table[pattern(i)]! * (i < 4 ? 1 : 4)),
    );
  });

  it('are plain numbers where there is no scale', async () => {
    const { values } = await opened({ 'a.weight': f8([2, 4], (i) => 0x38 + i, 'F8_E5M2') });
    expect(await values('a.weight')).toEqual(float8Values('F8_E5M2').slice(0x38, 0x40));
  });

  it.each<[string, Given, string]>([
    [
      'do not fit',
      f32(
        [7, 5],
        Array.from({ length: 35 }, () => 1),
      ),
      'divides "a.weight" [256, 256] into no blocks',
    ],
    ['are whole numbers', { dtype: 'U8', shape: [1], data: Uint8Array.of(1) }, 'has dtype U8'],
  ])('are refused when they are read, where the scales %s', async (_, scales, message) => {
    const { values } = await opened({ 'a.weight': f8([256, 256], pattern), 'a.weight_scale_inv': scales });
    await expect(values('a.weight')).rejects.toThrow(message);
  });

  it('do not change what names the model: the hash of its files', async () => {
    const given = folderOf({ 'a.weight': f8([2, 4], pattern), 'a.weight_scale': f32([1], [2]) });
    const { folder, index } = await openTensors(given);
    const files = ['config.json', index.get('a.weight')!.file];
    expect(await hashFiles(folder, files)).toBe(await hashFiles(given, ['config.json', 'model.safetensors']));
  });
});

test('a folder of plain floats is used as it is', async () => {
  const given = folderOf({ a: f32([2], [1, 2]) });
  expect((await openTensors(given)).folder).toBe(given);
});
