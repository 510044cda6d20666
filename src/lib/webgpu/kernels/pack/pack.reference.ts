// The pack kernel in nested loops.

import { halfAt, toHalf } from '#lib/core/half.ts';
import { FILE_DTYPES } from '#lib/core/tensor.ts';
import type { Memory } from '../../kernel.ts';
import { TILE, VECTORS_PER_GROUP } from '../../matrix.ts';
import type { PackParams } from './pack.ts';
import { Q4_STEPS, Q8_STEPS } from './store.ts';

type Words = [number, number, number, number, number, number, number, number];
type Bindings = Record<'call' | 'raw' | 'weights' | 'scales' | 'faults', Memory>;

export function packReference(memory: Bindings, { dtype }: PackParams): void {
  const { call, raw, weights, scales, faults } = memory;
  const [rows, columns, groups, firstRow, rawAt, formatIndex, faultAt, firstGroup] = Array.from(call.u32) as Words;
  const format = FILE_DTYPES[formatIndex]!;
  const bits = new Uint32Array(1);
  const readRaw = (i: number) => {
    if (format === 'F32') return raw.f32[i]!;
    const half = (raw.u32[i >> 1]! >>> (16 * (i & 1))) & 0xffff;
    if (format === 'F16') return halfAt(half, 0);
    bits[0] = half << 16;
    return new Float32Array(bits.buffer)[0]!;
  };
  for (let r = 0; r < rows; r++) {
    for (let group = 0; group * 32 < columns; group++) {
      const values = Array.from({ length: 32 }, (_, i) => {
        const column = group * 32 + i;
        const v = column < columns ? readRaw(rawAt + r * columns + column) : 0;
        if (Number.isFinite(v)) return v;
        faults.u32[faultAt]!++;
        return 0;
      });
      const row = firstRow + r;
      const tile = Math.floor(row / TILE) * groups + firstGroup + group;
      const word = (v: number, c: number) => ((tile * VECTORS_PER_GROUP[dtype] + v) * TILE + (row % TILE)) * 4 + c;
      if (dtype === 'f32') {
        values.forEach((v, i) => (weights.f32[word(i >> 2, i & 3)] = v));
      } else if (dtype === 'f16') {
        for (let i = 0; i < 32; i += 2) {
          const [a, b] = [values[i]!, values[i + 1]!];
          if (Math.max(Math.abs(a), Math.abs(b)) > 65504) faults.u32[faultAt + 1]!++;
          weights.u32[word(i >> 3, (i & 7) >> 1)] = (toHalf(b) << 16) | toHalf(a);
        }
      } else {
        const { scale, quants } = dtype === 'q8' ? quantise8(values) : quantise4(values);
        const at = tile * TILE + (row % TILE);
        const shift = 16 * (at & 1);
        scales.u32[at >> 1] = (scales.u32[at >> 1]! & ~(0xffff << shift)) | (toHalf(scale) << shift);
        const words = new Uint32Array(8);
        quants.forEach((q, i) => {
          if (dtype === 'q8') words[i >> 2]! |= (q & 255) << (8 * (i & 3));
          else words[i >> 3]! |= (q + 8) << (8 * (i & 3) + ((i & 7) >= 4 ? 4 : 0));
        });
        const count = dtype === 'q8' ? 8 : 4;
        for (let i = 0; i < count; i++) weights.u32[word(i >> 2, i & 3)] = words[i]!;
      }
    }
  }
}

const asHalf = (v: number) => halfAt(toHalf(v), 0);
/** WGSL's round: halves go to the even neighbour. */
const roundEven = (v: number) => {
  const down = Math.floor(v);
  const rest = v - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
};
const quantiseTo = (values: number[], scale: number, low: number, high: number) =>
  values.map((v) => (scale === 0 ? 0 : Math.min(high, Math.max(low, roundEven(Math.fround(v / scale))))));
const greatestOf = (values: number[]) => values.reduce((top, v) => (Math.abs(v) > Math.abs(top) ? v : top), 0);

/** How much the error of each weight counts, from the mean of the squares. */
type Importance = (v: number, mean: number) => number;
const even: Importance = () => 1;
const bySize: Importance = (v, mean) => Math.sqrt(v * v + mean);

const quantise8 = (values: number[]) =>
  quantise(values, { top: Math.abs(greatestOf(values)), divisors: Q8_STEPS, low: -127, high: 127, importance: even });
const quantise4 = (values: number[]) =>
  quantise(values, { top: greatestOf(values), divisors: Q4_STEPS, low: -8, high: 7, importance: bySize });

interface Search {
  top: number;
  divisors: number[];
  low: number;
  high: number;
  importance: Importance;
}

function quantise(values: number[], { top, divisors, low, high, importance }: Search) {
  const mean = values.reduce((sum, v) => sum + v * v, 0) / values.length;
  let best = { scale: 0, quants: [] as number[], error: Infinity };
  for (const divisor of divisors) {
    const scale = asHalf(Math.fround(top / divisor));
    const quants = quantiseTo(values, scale, low, high);
    const error = values.reduce((sum, v, i) => sum + (v - scale * quants[i]!) ** 2 * importance(v, mean), 0);
    if (error < best.error) best = { scale, quants, error };
  }
  return best;
}
