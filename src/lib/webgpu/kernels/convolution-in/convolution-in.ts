// What a short convolution reads of each token: the product of two projections, written to the cache's place of the token.

import type { ElementDtype } from '../../element.ts';
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
import { kvFunctions, kvType, writeKv } from '../shared/kv.ts';
import source from './convolution-in.wgsl?raw';

export type ConvolutionInParams = StepParams & {
  /** A multiple of 4. */
  hidden: number;
  bias: boolean;
  kv: ElementDtype;
  pool: PoolDtype;
  ahead: RanksAhead;
};

/** Threads of a workgroup; each takes four elements. */
const THREADS = 32;

export interface ConvolutionInCall {
  layer: number;
  target: number;
  biasAt: number;
}

export const encodeConvolutionInCall = ({ layer, target, biasAt }: ConvolutionInCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([layer, target, biasAt, 0]);

export const convolutionInGroups = (hidden: number, rows: number): Groups => [Math.ceil(hidden / 4 / THREADS), rows, 1];

export const convolutionIn = defineKernel<ConvolutionInParams>()({
  name: 'convolution-in',
  bindings: {
    call: 'uniform',
    y: 'read',
    tokens: 'write',
    vectors: 'read',
    z: 'read',
    pool: 'read',
    state: 'read',
  },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS, VECTORS: params.hidden / 4, BIAS: +params.bias }),
      `alias pool_word = ${poolType(params.pool)};`,
      `alias kv_word = ${kvType(params.kv)};`,
      source,
      stateFunctions,
      poolFunctions(params.pool),
      kvFunctions(params.kv),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, y, tokens, vectors, state } = memory;
    const [layer, target, biasAt] = call.u32 as unknown as [number, number, number];
    const { hidden } = params;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const position = positionOf(state, params, row);
      const slot = state.u32[params.rowsAt + row * ROW.words + ROW.slot]!;
      const block = state.u32[params.blocksAt + slot * params.maxBlocks + Math.floor(position / BLOCK_TOKENS)]!;
      const value = (n: number) => {
        const base = y.f32[row * 3 * hidden + n]!;
        const delta = adapterDelta(memory, params, { row, layer, target, zTarget: 0, n, y: base });
        return base + delta + (params.bias ? vectors.f32[biasAt + n]! : 0);
      };
      const product = (n: number) => value(n) * value(2 * hidden + n);
      const at = (block * BLOCK_TOKENS + (position % BLOCK_TOKENS)) * (hidden / 2);
      for (let i = 0; i < hidden / 2; i++) writeKv(params.kv, tokens, at + i, product(2 * i), product(2 * i + 1));
    }
  },
});
