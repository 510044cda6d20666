// The linear kernel in nested loops.

import { HEADER, roundRank } from '../../step-state.ts';
import type { Memory } from '../../kernel.ts';
import { readPool, appliedAdapters } from '../shared/adapter.ts';
import { readWeight } from '../shared/weights.ts';
import type { LinearParams } from './linear.ts';

type Bindings = Record<'call' | 'x' | 'weights' | 'scales' | 'y' | 'z' | 'pool' | 'state', Memory>;

export function linearReference(memory: Bindings, params: LinearParams): void {
  const { call, x, weights, scales, y, z, pool, state } = memory;
  const [rows, groups, firstRow, yStride, layer, firstTarget, targets, countWord, firstToken, tokenLimit] = call.u32;
  const columns = groups! * 32;
  const count = tokenLimit! > 0 ? tokenLimit! : state.u32[countWord!]!;
  for (let n = 0; n < rows!; n++) {
    const row = Float64Array.from({ length: columns }, (_, k) =>
      readWeight(params.dtype, weights, scales, groups!, n, k),
    );
    for (let t = firstToken!; t < count; t++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += x.f32[t * columns + k]! * row[k]!;
      y.f32[t * yStride! + firstRow! + n] = sum;
    }
  }
  const width = state.u32[HEADER.rankWidth]!;
  for (let t = firstToken!; t < count; t++) {
    for (let target = 0; target < targets!; target++) {
      for (const applied of appliedAdapters(state, params, t, layer!, firstTarget! + target)) {
        for (let r = 0; r < applied.rank; r++) {
          let sum = 0;
          for (let k = 0; k < columns; k++) {
            sum += readPool(params.pool, pool, applied.rowAt(r) + k) * x.f32[t * columns + k]!;
          }
          z.f32[(t * 3 + target) * width + applied.offset + r] = applied.weight * sum;
        }
        const end = applied.offset + roundRank(applied.rank);
        z.f32.fill(0, (t * 3 + target) * width + applied.offset + applied.rank, (t * 3 + target) * width + end);
      }
    }
  }
}
