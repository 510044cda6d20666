// A short causal convolution over the tokens of a row's sequence, each channel by itself, times a third projection.

import type { ElementDtype } from '../../element.ts';
import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
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
import { kvFunctions, kvType, readPair } from '../shared/kv.ts';
import source from './convolution.wgsl?raw';

export type ConvolutionParams = StepParams & {
  /** A multiple of 4. */
  hidden: number;
  /** Tokens that the convolution spans, the row's own last. */
  span: number;
  bias: boolean;
  kv: ElementDtype;
  pool: PoolDtype;
  ahead: RanksAhead;
};

/** Threads of a workgroup; each takes four channels. */
const THREADS = 32;

export interface ConvolutionCall {
  layer: number;
  target: number;
  /** Of the projections. */
  biasAt: number;
  /** [hidden, span] */
  weightAt: number;
  /** Of the convolution. */
  convolutionBiasAt: number;
}

export const encodeConvolutionCall = (call: ConvolutionCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.layer, call.target, call.biasAt, call.weightAt, call.convolutionBiasAt, 0, 0, 0]);

export const convolutionGroups = (hidden: number, rows: number): Groups => [Math.ceil(hidden / 4 / THREADS), rows, 1];

export const convolution = defineKernel<ConvolutionParams>()({
  name: 'convolution',
  bindings: {
    call: 'uniform',
    y: 'read',
    tokens: 'read',
    o: 'write',
    vectors: 'read',
    z: 'read',
    pool: 'read',
    state: 'read',
  },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({
        THREADS,
        VECTORS: params.hidden / 4,
        STRIDE: padded(params.hidden) / 4,
        SPAN: params.span,
        BIAS: +params.bias,
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
    const { call, y, tokens, o, vectors, state } = memory;
    const [layer, target, biasAt, weightAt, convolutionBiasAt] = call.u32 as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    const { hidden, span } = params;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const position = positionOf(state, params, row);
      const slot = state.u32[params.rowsAt + row * ROW.words + ROW.slot]!;
      for (let n = 0; n < hidden; n++) {
        let sum = params.bias ? vectors.f32[convolutionBiasAt + n]! : 0;
        for (let back = Math.min(span - 1, position); back >= 0; back--) {
          const token = position - back;
          const block = state.u32[params.blocksAt + slot * params.maxBlocks + Math.floor(token / BLOCK_TOKENS)]!;
          const at = (block * BLOCK_TOKENS + (token % BLOCK_TOKENS)) * (hidden / 2) + (n >> 1);
          sum += vectors.f32[weightAt + n * span + span - 1 - back]! * readPair(params.kv, tokens, at, n & 1);
        }
        const base = y.f32[row * 3 * hidden + hidden + n]!;
        const delta = adapterDelta(memory, params, { row, layer, target, zTarget: 0, n: hidden + n, y: base });
        o.f32[row * padded(hidden) + n] = sum * (base + delta + (params.bias ? vectors.f32[biasAt + hidden + n]! : 0));
      }
    }
  },
});
