// The gradient of the rope kernel in nested loops.

import type { Memory } from '../../kernel.ts';
import { HEADER, ROW } from '../../step-state.ts';
import { positionOf } from '../shared/adapter.ts';
import { projectedHeads } from './projected-heads.ts';
import type { RopeBackwardParams } from './rope.backward.ts';
import { partOf, projectedValues } from './rope.reference.ts';

type Bindings = Record<'call' | 'y' | 'dheads' | 'dy' | 'angles' | 'vectors' | 'z' | 'pool' | 'state', Memory>;

export function ropeBackwardReference(memory: Bindings, params: RopeBackwardParams): void {
  const { call, dheads, dy, vectors, state } = memory;
  const [, , , qNormAt, kNormAt] = call.u32 as unknown as [number, number, number, number, number];
  const { heads, kvHeads, headDim, norm, projects } = params;
  const projected = projectedHeads(params);
  const all = heads + 2 * kvHeads;
  for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
    /** The gradient of a head before its rotation. */
    const given = (head: number) => {
      const at = (row * all + head) * headDim;
      const rotated = Float64Array.from(dheads.f32.subarray(at, at + headDim));
      return partOf(params, head) < 2 ? turnedBack(memory, params, row, head, rotated) : rotated;
    };
    const through = (
      from: number,
      end: number,
      gradients: Float64Array[],
      weights: (head: number, e: number) => number,
    ) =>
      normBackward(
        Array.from({ length: end - from }, (_, i) => projectedValues(memory, params, row, from + i)),
        gradients.map((gradient, i) => gradient.map((value, e) => value * weights(from + i, e))),
        params.eps,
      );
    const write = (head: number, gradient: Float64Array) => dy.f32.set(gradient, (row * projected + head) * headDim);

    /** The heads that one norm spans. */
    const spans = [];
    if (norm === 'whole') spans.push([0, heads], [heads, heads + kvHeads]);
    else for (let head = 0; head < heads + kvHeads; head++) spans.push([head, head + 1]);
    for (const [from, end] of spans as [number, number][]) {
      if (end > projected) continue;
      const normAt = from < heads ? qNormAt : kNormAt;
      let gradients = Array.from({ length: end - from }, (_, i) => given(from + i));
      if (norm !== 'none') {
        gradients = through(from, end, gradients, (head, e) => {
          return vectors.f32[normAt + (norm === 'whole' ? (head - from) * headDim : 0) + e]!;
        });
      }
      gradients.forEach((gradient, i) => write(from + i, gradient));
    }
    for (let head = heads + kvHeads; projects !== 'q' && head < all; head++) {
      let gradient = given(head);
      if (params.valueNorm) [gradient] = through(head, head + 1, [gradient], () => 1) as [Float64Array];
      if (projects === 'qkv') {
        write(head, gradient);
        continue;
      }
      const at = (row * projected + head - kvHeads) * headDim;
      gradient.forEach((value, e) => (dy.f32[at + e]! += value));
    }
  }
}

/** Out of pairs as they are stored, into elements as they are projected. */
function turnedBack(
  { angles, state }: Pick<Bindings, 'angles' | 'state'>,
  params: RopeBackwardParams,
  row: number,
  head: number,
  stored: Float64Array,
): Float64Array {
  const { headDim, ropeDim, half } = params;
  const position = positionOf(state, params, row);
  const from = params.ofPrompt ? state.u32[params.rowsAt + row * ROW.words + ROW.angles]! : 0;
  const growth = 1 + params.growth * Math.log(1 + Math.floor(position / params.growthEvery));
  const result = new Float64Array(headDim);
  for (let i = 0; i < headDim / 2; i++) {
    const rotates = i < ropeDim / 2;
    const [at, bt] = rotates && half ? [i, i + ropeDim / 2] : [2 * i, 2 * i + 1];
    const factor = partOf(params, head) === 0 ? growth : 1;
    const [a, b] = [factor * stored[2 * i]!, factor * stored[2 * i + 1]!];
    const angle = 2 * ((from + position) * (ropeDim / 2) + i);
    const [cos, sin] = rotates ? [angles.f32[angle]!, angles.f32[angle + 1]!] : [1, 0];
    result[at] = a * cos + b * sin;
    result[bt] = b * cos - a * sin;
  }
  return result;
}

/** Through one RMS norm over all heads given; `gradients` times its weights already. */
function normBackward(values: Float64Array[], gradients: Float64Array[], eps: number): Float64Array[] {
  const count = values.length * values[0]!.length;
  let squares = 0;
  let along = 0;
  values.forEach((head, h) =>
    head.forEach((x, e) => {
      squares += x * x;
      along += x * gradients[h]![e]!;
    }),
  );
  const r = 1 / Math.sqrt(squares / count + eps);
  return values.map((head, h) => head.map((x, e) => r * (gradients[h]![e]! - (x * r * r * along) / count)));
}
