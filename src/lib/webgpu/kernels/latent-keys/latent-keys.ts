// Keys and values of latent attention, expanded from the latent vector: adapters, the rotated part that all heads share, the cache.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { BLOCK_TOKENS, HEADER, ROW, stepConstants, type StepParams } from '../../step-state.ts';
import {
  adapterDelta,
  adapterFunctions,
  poolFunctions,
  poolType,
  positionOf,
  stateFunctions,
  type PoolDtype,
  type RanksAhead,
} from '../shared/adapter.ts';
import type { ElementDtype } from '../../element.ts';
import { kvFunctions, kvType, writeKv } from '../shared/kv.ts';
import source from './latent-keys.wgsl?raw';

/** All widths are multiples of 4; `valueDim` is at most `nopeDim` + `ropeDim`. */
export type LatentKeysParams = StepParams & {
  heads: number;
  /** Elements of a key without a position, of each head. */
  nopeDim: number;
  /** Rotated elements of a key, the same for all heads. */
  ropeDim: number;
  valueDim: number;
  /** Pairs before the values in a layer's cache. */
  valuesAt: number;
  pool: PoolDtype;
  ahead: RanksAhead;
  kv: ElementDtype;
};

const THREADS = 32;

export const encodeLatentKeysCall = (call: { layer: number; target: number }): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.layer, call.target, 0, 0]);

export const latentKeysGroups = (heads: number, headDim: number, rows: number): Groups => [
  Math.ceil((heads * headDim) / 4 / THREADS),
  rows,
  1,
];

export const latentKeys = defineKernel<LatentKeysParams>()({
  name: 'latent-keys',
  bindings: {
    call: 'uniform',
    y: 'read',
    tail: 'read',
    kv: 'write',
    angles: 'read',
    z: 'read',
    pool: 'read',
    state: 'read',
  },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({
        THREADS,
        HEADS: params.heads,
        NOPE_DIM: params.nopeDim,
        ROPE_DIM: params.ropeDim,
        VALUE_DIM: params.valueDim,
        VALUES_AT: params.valuesAt,
      }),
      `alias pool_word = ${poolType(params.pool)};`,
      `alias kv_word = ${kvType(params.kv)};`,
      source,
      stateFunctions,
      poolFunctions(params.pool),
      kvFunctions(params.kv),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, y, tail, kv, angles, state } = memory;
    const [layer, target] = call.u32 as unknown as [number, number];
    const { heads, nopeDim, ropeDim, valueDim, valuesAt } = params;
    const headDim = nopeDim + ropeDim;
    const outputs = nopeDim + valueDim;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const position = positionOf(state, params, row);
      const slot = state.u32[params.rowsAt + row * ROW.words + ROW.slot]!;
      const block = state.u32[params.blocksAt + slot * params.maxBlocks + Math.floor(position / BLOCK_TOKENS)]!;
      const value = (n: number) => {
        const base = y.f32[row * heads * outputs + n]!;
        return base + adapterDelta(memory, params, { row, layer, target, zTarget: 0, n, y: base });
      };
      const shared = (n: number): [number, number] => {
        const [a, b] = [tail.f32[row * ropeDim + n]!, tail.f32[row * ropeDim + n + 1]!];
        const [cos, sin] = [angles.f32[position * ropeDim + n]!, angles.f32[position * ropeDim + n + 1]!];
        return [a * cos - b * sin, b * cos + a * sin];
      };
      for (let head = 0; head < heads; head++) {
        const at = ((block * heads + head) * BLOCK_TOKENS + (position % BLOCK_TOKENS)) * (headDim / 2);
        const first = head * outputs;
        for (let n = 0; n < headDim; n += 2) {
          const key = n < nopeDim ? [value(first + n), value(first + n + 1)] : shared(n - nopeDim);
          const v = n < valueDim ? [value(first + nopeDim + n), value(first + nopeDim + n + 1)] : [0, 0];
          writeKv(params.kv, kv, at + n / 2, key[0]!, key[1]!);
          writeKv(params.kv, kv, valuesAt + at + n / 2, v[0]!, v[1]!);
        }
      }
    }
  },
});
