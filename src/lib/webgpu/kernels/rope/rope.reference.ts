// The rope kernel in nested loops.

import type { Memory } from '../../kernel.ts';
import { BLOCK_TOKENS, HEADER, ROW } from '../../step-state.ts';
import { adapterDelta, positionOf } from '../shared/adapter.ts';
import { writeKv } from '../shared/kv.ts';
import type { RopeParams } from './rope.ts';

type Bindings = Record<'call' | 'y' | 'q' | 'kv' | 'angles' | 'vectors' | 'z' | 'pool' | 'state', Memory>;

export function ropeReference(memory: Bindings, params: RopeParams): void {
  const { call, y, q, kv, angles, vectors, state } = memory;
  const [layer, firstTarget, biasAt, qNormAt, kNormAt] = Array.from(call.u32) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const { heads, kvHeads, headDim, ropeDim } = params;
  const allHeads = heads + 2 * kvHeads;

  for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
    const position = positionOf(state, params, row);
    const from = params.ofPrompt ? state.u32[params.rowsAt + row * ROW.words + ROW.angles]! : 0;
    const slot = state.u32[params.rowsAt + row * ROW.words + ROW.slot]!;
    const block = state.u32[params.blocksAt + slot * params.maxBlocks + Math.floor(position / BLOCK_TOKENS)]!;
    for (let head = 0; head < allHeads; head++) {
      const part = head < heads ? 0 : head < heads + kvHeads ? 1 : 2;
      const first = [0, heads, heads + kvHeads][part]!;
      const values = Float64Array.from({ length: headDim }, (_, e) => {
        const base = y.f32[(row * allHeads + head) * headDim + e]!;
        const n = (head - first) * headDim + e;
        const target = firstTarget + part;
        const delta = adapterDelta(memory, params, { row, layer, target, zTarget: part, n, y: base });
        return base + delta + (params.bias ? vectors.f32[biasAt + head * headDim + e]! : 0);
      });
      if (params.headNorm && part < 2) {
        const squares = values.reduce((sum, v) => sum + v * v, 0);
        const inverse = 1 / Math.sqrt(squares / headDim + params.eps);
        const normAt = part === 0 ? qNormAt : kNormAt;
        for (let e = 0; e < headDim; e++) values[e]! *= inverse * vectors.f32[normAt + e]!;
      }
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
          q.f32[(row * heads + head) * headDim + 2 * i] = a;
          q.f32[(row * heads + head) * headDim + 2 * i + 1] = b;
        } else {
          const at = ((block * kvHeads + head - first) * BLOCK_TOKENS + (position % BLOCK_TOKENS)) * (headDim / 2) + i;
          writeKv(params.kv, kv, (part === 1 ? 0 : params.valuesAt) + at, a, b);
        }
      }
    }
  }
}
