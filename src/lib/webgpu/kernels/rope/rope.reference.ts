// The rope kernel in nested loops.

import type { Memory } from '../../kernel.ts';
import { BLOCK_TOKENS, HEADER, ROW } from '../../step-state.ts';
import { adapterDelta, positionOf } from '../shared/adapter.ts';
import { writeKvVector } from '../shared/kv.ts';
import { projectedHeads } from './projected-heads.ts';
import type { RopeParams } from './rope.ts';

type Bindings = Record<'call' | 'y' | 'q' | 'kv' | 'angles' | 'vectors' | 'z' | 'pool' | 'state', Memory>;

/** 0: a head of q, 1: of k, 2: of v. */
export const partOf = ({ heads, kvHeads }: Pick<RopeParams, 'heads' | 'kvHeads'>, head: number): 0 | 1 | 2 =>
  head < heads ? 0 : head < heads + kvHeads ? 1 : 2;

/** A head of a row's projections, with bias and adapters. */
export function projectedValues(
  memory: Record<'call' | 'y' | 'vectors' | 'z' | 'pool' | 'state', Memory>,
  params: Omit<RopeParams, 'valuesAt' | 'kv'>,
  row: number,
  of: number,
): Float64Array {
  const { call, y, vectors } = memory;
  const [layer, firstTarget, biasAt] = call.u32 as unknown as [number, number, number];
  const { heads, kvHeads, headDim } = params;
  const head = params.projects === 'qk' && partOf(params, of) === 2 ? of - kvHeads : of;
  const part = partOf(params, head);
  const first = [0, heads, heads + kvHeads][part]!;
  return Float64Array.from({ length: headDim }, (_, e) => {
    const base = y.f32[(row * projectedHeads(params) + head) * headDim + e]!;
    const at = { row, layer, target: firstTarget + part, zTarget: part, n: (head - first) * headDim + e, y: base };
    return base + adapterDelta(memory, params, at) + (params.bias ? vectors.f32[biasAt + head * headDim + e]! : 0);
  });
}

export function ropeReference(memory: Bindings, params: RopeParams): void {
  const { call, q, kv, angles, vectors, state } = memory;
  const [, , , qNormAt, kNormAt] = call.u32 as unknown as [number, number, number, number, number];
  const { heads, kvHeads, headDim, ropeDim } = params;
  const allHeads = params.projects === 'q' ? heads : heads + 2 * kvHeads;

  for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
    const position = positionOf(state, params, row);
    const from = params.ofPrompt ? state.u32[params.rowsAt + row * ROW.words + ROW.angles]! : 0;
    const slot = state.u32[params.rowsAt + row * ROW.words + ROW.slot]!;
    const block = state.u32[params.blocksAt + slot * params.maxBlocks + Math.floor(position / BLOCK_TOKENS)]!;
    const firsts = [0, heads, heads + kvHeads, allHeads];
    const valuesOf = (head: number) => projectedValues(memory, params, row, head);
    const meanSquare = (from: number, end: number) => {
      let squares = 0;
      for (let head = from; head < end; head++) for (const v of valuesOf(head)) squares += v * v;
      return squares / ((end - from) * headDim);
    };
    const wholeSquares = params.norm === 'whole' ? [0, 1].map((i) => meanSquare(firsts[i]!, firsts[i + 1]!)) : [];
    for (let head = 0; head < allHeads; head++) {
      const part = partOf(params, head);
      const first = firsts[part]!;
      const values = valuesOf(head);
      if (params.norm !== 'none' && part < 2) {
        const isWhole = params.norm === 'whole';
        const inverse = 1 / Math.sqrt((isWhole ? wholeSquares[part]! : meanSquare(head, head + 1)) + params.eps);
        const normAt = (part === 0 ? qNormAt : kNormAt) + (isWhole ? (head - first) * headDim : 0);
        for (let e = 0; e < headDim; e++) values[e]! *= inverse * vectors.f32[normAt + e]!;
      }
      if (params.valueNorm && part === 2) {
        const inverse = 1 / Math.sqrt(meanSquare(head, head + 1) + params.eps);
        for (let e = 0; e < headDim; e++) values[e]! *= inverse;
      }
      const stored = new Float64Array(headDim);
      for (let i = 0; i < headDim / 2; i++) {
        const rotates = part < 2 && i < ropeDim / 2;
        const [at, bt] = rotates && params.half ? [i, i + ropeDim / 2] : [2 * i, 2 * i + 1];
        let a = values[at]!;
        let b = values[bt]!;
        if (rotates) {
          const angle = 2 * ((from + position) * (ropeDim / 2) + i);
          const cos = angles.f32[angle]!;
          const sin = angles.f32[angle + 1]!;
          [a, b] = [a * cos - b * sin, b * cos + a * sin];
        }
        if (part === 0) {
          const growth = 1 + params.growth * Math.log(1 + Math.floor(position / params.growthEvery));
          [a, b] = [a * growth, b * growth];
          q.f32[(row * heads + head) * headDim + 2 * i] = a;
          q.f32[(row * heads + head) * headDim + 2 * i + 1] = b;
        } else {
          stored[2 * i] = a;
          stored[2 * i + 1] = b;
        }
      }
      if (part === 0) continue;
      const at = ((block * kvHeads + head - first) * BLOCK_TOKENS + (position % BLOCK_TOKENS)) * (headDim / 2);
      writeKvVector(params, kv, (part === 1 ? 0 : params.valuesAt) + at, stored);
    }
  }
}
