// Both halves of the gradient of attention in nested loops.

import type { Memory } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { BLOCK_TOKENS, HEADER, ROW } from '../../step-state.ts';
import { positionOf } from '../shared/adapter.ts';
import { readPair } from '../shared/kv.ts';
import { alibiBias } from './alibi.ts';
import type { AttentionBackwardParams, AttentionKeysBackwardParams } from './attention.backward.ts';

type Inputs = Record<'call' | 'q' | 'kv' | 'dout' | 'state', Memory>;

/** A row, a head and a key that the row sees. */
interface Pair {
  row: number;
  head: number;
  keyRow: number;
  kvHead: number;
  score: number;
  /** The derivative of the score by the product of query and key. */
  slope: number;
  /** What the output's gradient makes of the key's weight: dO . v. */
  dp: number;
  /** Element e of the key. */
  key(e: number): number;
}

/** Of every row and head, the pairs of its keys. */
function* seenKeys({ call, q, kv, dout, state }: Inputs, params: AttentionBackwardParams): Generator<Pair[]> {
  const { heads, kvHeads, headDim, scale, softcap, valuesAt } = params;
  const bias = alibiBias(params.alibi, heads, scale);
  const window = call.u32[0]!;
  for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
    const position = positionOf(state, params, row);
    const slot = state.u32[params.rowsAt + row * ROW.words + ROW.slot]!;
    for (let head = 0; head < heads; head++) {
      const kvHead = Math.floor(head / (heads / kvHeads));
      const pairs: Pair[] = [];
      for (let at = window > 0 ? Math.max(0, position + 1 - window) : 0; at <= position; at++) {
        const block = state.u32[params.blocksAt + slot * params.maxBlocks + Math.floor(at / BLOCK_TOKENS)]!;
        const start = ((block * kvHeads + kvHead) * BLOCK_TOKENS + (at % BLOCK_TOKENS)) * (headDim / 2);
        const element = (from: number, e: number) => readPair('f32', kv, from + start + (e >> 1), e & 1);
        let product = 0;
        let dp = 0;
        for (let e = 0; e < headDim; e++) {
          product += q.f32[(row * heads + head) * headDim + e]! * element(0, e);
          dp += dout.f32[row * padded(heads * headDim) + head * headDim + e]! * element(valuesAt, e);
        }
        const t = softcap > 0 ? Math.tanh((product * scale) / softcap) : 0;
        pairs.push({
          ...{ row, head, keyRow: row - (position - at), kvHead, dp },
          score: (softcap > 0 ? softcap * t : product * scale) + bias(head, at, position),
          slope: scale * (1 - t * t),
          key: (e) => element(0, e),
        });
      }
      yield pairs;
    }
  }
}

export function attentionQueriesReference(
  memory: Inputs & Record<'o' | 'stats' | 'dheads', Memory>,
  params: AttentionBackwardParams,
): void {
  const { o, dout, stats, dheads } = memory;
  const { heads, kvHeads, headDim } = params;
  for (const pairs of seenKeys(memory, params)) {
    const { row, head } = pairs[0]!;
    const greatest = Math.max(...pairs.map(({ score }) => score));
    const logSum = greatest + Math.log(pairs.reduce((sum, { score }) => sum + Math.exp(score - greatest), 0));
    let d = 0;
    for (let e = 0; e < headDim; e++) {
      const at = row * padded(heads * headDim) + head * headDim + e;
      d += o.f32[at]! * dout.f32[at]!;
    }
    stats.f32[2 * (row * heads + head)] = logSum;
    stats.f32[2 * (row * heads + head) + 1] = d;
    for (let e = 0; e < headDim; e++) {
      dheads.f32[(row * (heads + 2 * kvHeads) + head) * headDim + e] = pairs.reduce(
        (sum, { score, dp, slope, key }) => sum + Math.exp(score - logSum) * (dp - d) * slope * key(e),
        0,
      );
    }
  }
}

export function attentionKeysReference(
  memory: Inputs & Record<'stats' | 'dheads', Memory>,
  params: AttentionKeysBackwardParams,
): void {
  const { q, dout, stats, dheads, state } = memory;
  const { heads, kvHeads, headDim } = params;
  const all = heads + 2 * kvHeads;
  for (let row = 0; !params.adds && row < state.u32[HEADER.rows]!; row++) {
    dheads.f32.fill(0, (row * all + heads) * headDim, (row + 1) * all * headDim);
  }
  for (const pairs of seenKeys(memory, params)) {
    for (const { row, head, keyRow, kvHead, score, dp, slope } of pairs) {
      const stat = 2 * (row * heads + head);
      const p = Math.exp(score - stats.f32[stat]!);
      const ds = p * (dp - stats.f32[stat + 1]!) * slope;
      const keyAt = (keyRow * all + heads + kvHead) * headDim;
      for (let e = 0; e < headDim; e++) {
        dheads.f32[keyAt + e]! += ds * q.f32[(row * heads + head) * headDim + e]!;
        dheads.f32[keyAt + kvHeads * headDim + e]! += p * dout.f32[row * padded(heads * headDim) + head * headDim + e]!;
      }
    }
  }
}
