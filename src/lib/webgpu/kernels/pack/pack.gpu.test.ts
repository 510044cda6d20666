import { describe, expect, it } from 'vitest';
import { halfAt, toHalf } from '#lib/core/half.ts';
import { createRng } from '#lib/core/rng.ts';
import type { FileDtype, WeightDtype } from '#lib/core/tensor.ts';
import { expectSame } from '#tests/support/kernel-case.ts';
import { packHalves } from '#tests/support/step-case.ts';
import { TILE, VECTORS_PER_GROUP } from '../../matrix.ts';
import { readWeight } from '../shared/weights.ts';
import { encodePackCall, pack, packGroups, type PackCall } from './pack.ts';
import { packReference } from './pack.reference.ts';

const DTYPES: WeightDtype[] = ['f32', 'f16', 'q8', 'q4'];
const random = createRng(5);

function planes(dtype: WeightDtype, rows: number, groups: number) {
  const tiles = Math.ceil(rows / TILE);
  return {
    weights: new Uint32Array(tiles * groups * VECTORS_PER_GROUP[dtype] * TILE * 4),
    scales: new Uint32Array(Math.max(4, (tiles * groups * TILE) / 2)),
    faults: new Uint32Array(4),
  };
}

function asFile(
  values: Float32Array<ArrayBuffer>,
  format: FileDtype,
): Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  if (format === 'F32') return values;
  if (format === 'F16') return packHalves(values);
  const high = new Uint16Array(values.buffer).filter((_, i) => i % 2 === 1);
  const padded = new Uint16Array(Math.ceil(high.length / 2) * 2);
  padded.set(high);
  return new Uint32Array(padded.buffer);
}

const callOf = (rows: number, columns: number, format: FileDtype): PackCall => ({
  rows,
  columns,
  groups: Math.ceil(columns / 32),
  firstRow: 0,
  rawAt: 0,
  format,
  faultAt: 0,
});

describe.each(DTYPES)('pack to %s', (dtype) => {
  it.each<[number, number, FileDtype]>([
    [1, 1, 'F32'],
    [7, 33, 'F32'],
    [16, 96, 'F16'],
    [10, 50, 'BF16'],
    [9, 1088, 'F32'],
  ])('%i x %i from %s gives the plain kernel’s bits', async (rows, columns, format) => {
    const call = callOf(rows, columns, format);
    const values = Float32Array.from({ length: rows * columns }, () => random.normal());
    await expectSame({
      kernel: pack,
      params: { dtype },
      groups: packGroups(call),
      buffers: { call: encodePackCall(call), raw: asFile(values, format), ...planes(dtype, rows, call.groups) },
      compare: { weights: 'words', scales: 'words', faults: 'words' },
    });
  });

  it('counts values that are not finite', async () => {
    const call = callOf(2, 32, 'F32');
    const values = new Float32Array(64).fill(1);
    values[3] = NaN;
    values[40] = Infinity;
    values[41] = -Infinity;
    await expectSame({
      kernel: pack,
      params: { dtype },
      groups: packGroups(call),
      buffers: { call: encodePackCall(call), raw: values, ...planes(dtype, 2, 1) },
      compare: { weights: 'words', faults: 'words' },
    });
  });
});

describe('packed weights read back', () => {
  const unpack = (dtype: WeightDtype, values: Float32Array<ArrayBuffer>) => {
    const call = callOf(1, values.length, 'F32');
    const view = (data: Uint32Array<ArrayBuffer>) => ({ u32: data, f32: new Float32Array(data.buffer) });
    const { weights, scales, faults } = planes(dtype, 1, call.groups);
    const memory = { weights: view(weights), scales: view(scales), faults: view(faults) };
    const raw = view(new Uint32Array(values.buffer));
    packReference({ ...memory, raw, call: view(encodePackCall(call)) }, { dtype });
    return values.map((_, k) => readWeight(dtype, memory.weights, memory.scales, call.groups, 0, k));
  };

  it('keeps f32 exactly and q8 within half a step', () => {
    const values = Float32Array.from({ length: 64 }, () => random.normal());
    expect(unpack('f32', values)).toEqual(values);
    const step = Math.max(...values.map(Math.abs)) / 64;
    unpack('q8', values).forEach((v, k) => expect(Math.abs(v - values[k]!)).toBeLessThan(step * 0.51));
  });

  it.each([7, -7, 6, -6, 5, -5, 4, -4])(
    'restores a group that was quantised to 4 bits before, extreme %i',
    (extreme) => {
      const values = Float32Array.from({ length: 32 }, (_, k) => (k === 5 ? extreme : (k % 7) - 3) * 0.03125);
      // Adding 0 turns the -0 of a negative scale into 0.
      expect(unpack('q4', values).map((v) => v + 0)).toEqual(values);
      if (Math.abs(extreme) > 5) expect(unpack('q8', values).map((v) => v + 0)).toEqual(values);
    },
  );

  it('has less of a weighted error in q4 than the best of three scales for the greatest weight', () => {
    let [found, plain] = [0, 0];
    for (let group = 0; group < 50; group++) {
      const values = Float32Array.from({ length: 32 }, () => random.normal());
      const mean = values.reduce((sum, v) => sum + v * v, 0) / 32;
      const error = (read: Float32Array) =>
        read.reduce((sum, v, k) => sum + (v - values[k]!) ** 2 * Math.sqrt(values[k]! ** 2 + mean), 0);
      const greatest = values.reduce((top, v) => (Math.abs(v) > Math.abs(top) ? v : top), 0);
      const errors = [-8, 7, 6].map((step) => {
        const scale = halfAt(toHalf(greatest / step), 0);
        return error(values.map((v) => scale * Math.min(7, Math.max(-8, Math.round(v / scale)))));
      });
      found += error(unpack('q4', values));
      plain += Math.min(...errors);
    }
    expect(found).toBeLessThan(0.99 * plain);
  });
});
