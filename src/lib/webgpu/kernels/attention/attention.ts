// Attention of every row of the step over its own sequence's paged keys and values: causal, grouped heads,
// optional sliding window and soft cap. The order of summation depends on the row alone, never on its batch.

import { padded } from '../../matrix.ts';
import { constants, type Groups, defineKernel } from '../../kernel.ts';
import { BLOCK_TOKENS, HEADER, ROW, stepConstants, type StepParams } from '../../step-state.ts';
import { positionOf, stateFunctions } from '../shared/adapter.ts';
import { alibiBias, alibiFunction, type Alibi } from './alibi.ts';
import { eightFunctions, kvEightsType, kvReadFunctions, kvType, readKv, type KvDtype } from '../shared/kv.ts';
import { fitsLanes, headsTogether, laneAttention } from './lane-attention.ts';
import source from './attention.wgsl?raw';
import wideSource from './wide-attention.wgsl?raw';

export type AttentionParams = StepParams & {
  heads: number;
  kvHeads: number;
  headDim: number;
  scale: number;
  /** 0: none. */
  softcap: number;
  alibi: Alibi;
  valuesAt: number;
  kv: KvDtype;
  /** Threads that share a head. */
  threads: number;
  /**
   * `wide`, for real GPUs: threads share the keys of a tile as well. `lanes`, for software GPUs: each thread takes keys of its own for
   * `together` heads. `tiles`, for heads of any size: a tile has as many keys as there are threads.
   */
  form: 'tiles' | 'wide' | 'lanes';
  /** Heads of a workgroup. */
  together: number;
};

type AttentionForm = Pick<AttentionParams, 'threads' | 'form' | 'together'>;

/** How a head is computed on real GPUs: as many threads as keep four eights of a key or a value busy each. */
export function cardAttention(headDim: number): AttentionForm {
  if (headDim % 8 !== 0 || headDim > 512) return { form: 'tiles', threads: 64, together: 1 };
  const threads = Math.min(256, Math.max(64, 2 ** Math.ceil(Math.log2(4 * headDim))));
  return { form: 'wide', threads, together: 1 };
}

/** How heads are computed where a thread is a CPU lane. */
export function softwareAttention(
  { heads, kvHeads, headDim }: Pick<AttentionParams, 'heads' | 'kvHeads' | 'headDim'>,
  threads: number,
): AttentionForm {
  return fitsLanes(headDim)
    ? { form: 'lanes', threads, together: headsTogether(heads / kvHeads, headDim) }
    : { form: 'tiles', threads, together: 1 };
}

/** Threads that share the score of a key: four eights each. */
const partsOf = (headDim: number): number => 2 ** Math.max(0, Math.ceil(Math.log2(headDim / 32)));

/** Key `j` of a tile: tiles that divide a block lie in one, others are looked up key by key. */
const keyAt = (threads: number): string =>
  `fn key_at(tile_at: u32, j: u32, blocks: u32, kv_head: u32, tile: u32) -> u32 {
  return ${BLOCK_TOKENS % threads === 0 ? 'tile_at + j * PAIRS' : 'place(blocks, kv_head, tile + j)'};
}`;

/** `window` 0 attends to everything before. */
export const encodeAttentionCall = (window: number): Uint32Array<ArrayBuffer> => new Uint32Array([window, 0, 0, 0]);

export const attentionGroups = (
  { heads, together }: Pick<AttentionParams, 'heads' | 'together'>,
  rows: number,
): Groups => [heads / together, rows, 1];

function kernelText(params: AttentionParams): string[] {
  const { form, kv, threads, headDim, together } = params;
  if (form === 'tiles') return [`alias kv_word = ${kvType(kv)};`, keyAt(threads), source, kvReadFunctions(params)];
  const text = form === 'wide' ? wideSource : laneAttention(headDim / 8, together);
  return [`alias kv_word = ${kvEightsType(kv)};`, text, eightFunctions(params)];
}

export const attention = defineKernel<AttentionParams>()({
  name: 'attention',
  bindings: { call: 'uniform', q: 'read', kv: 'read', o: 'write', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({
        THREADS: params.threads,
        HEADS: params.heads,
        KV_HEADS: params.kvHeads,
        HEAD_DIM: params.headDim,
        SCALE_F: params.scale,
        SOFTCAP: params.softcap > 0 ? 1 : 0,
        SOFTCAP_F: params.softcap || 1,
        ALIBI: +(params.alibi !== 'none'),
        VALUES_AT: params.form === 'tiles' ? params.valuesAt : params.valuesAt / 4,
        SCALED: +(params.kv === 'i8'),
        O_STRIDE: padded(params.heads * params.headDim),
        TOGETHER: params.together,
        ...(params.form === 'wide' && { PARTS: partsOf(params.headDim) }),
        ...(params.form === 'tiles' && { PAIRS_PER_THREAD: Math.ceil(params.headDim / 2 / params.threads) }),
      }),
      stateFunctions,
      alibiFunction(params.alibi, params.heads),
      ...kernelText(params),
    ].join('\n'),
  reference({ call, q, kv, o, state }, params) {
    const { heads, kvHeads, headDim, scale, softcap } = params;
    const bias = alibiBias(params.alibi, heads, scale);
    const window = call.u32[0]!;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const position = positionOf(state, params, row);
      const slot = state.u32[params.rowsAt + row * ROW.words + ROW.slot]!;
      const first = window > 0 ? Math.max(0, position + 1 - window) : 0;
      for (let head = 0; head < heads; head++) {
        const kvHead = Math.floor(head / (heads / kvHeads));
        const at = (key: number, e: number) => {
          const block = state.u32[params.blocksAt + slot * params.maxBlocks + Math.floor(key / BLOCK_TOKENS)]!;
          return ((block * kvHeads + kvHead) * BLOCK_TOKENS + (key % BLOCK_TOKENS)) * (headDim / 2) + (e >> 1);
        };
        const scores: number[] = [];
        for (let key = first; key <= position; key++) {
          let s = 0;
          for (let e = 0; e < headDim; e++) {
            s += q.f32[(row * heads + head) * headDim + e]! * readKv(params, kv, at(key, e), e & 1);
          }
          s *= scale;
          scores.push((softcap > 0 ? softcap * Math.tanh(s / softcap) : s) + bias(head, key, position));
        }
        const greatest = Math.max(...scores);
        const weights = scores.map((s) => Math.exp(s - greatest));
        const total = weights.reduce((sum, w) => sum + w, 0);
        for (let e = 0; e < headDim; e++) {
          let sum = 0;
          weights.forEach((w, j) => {
            sum += w * readKv(params, kv, params.valuesAt + at(first + j, e), e & 1);
          });
          o.f32[row * padded(heads * headDim) + head * headDim + e] = sum / total;
        }
      }
    }
  },
});
