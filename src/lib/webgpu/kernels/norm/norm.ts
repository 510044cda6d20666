// Closes a branch and opens the next: adds the branch (with its adapter) to the residual stream and norms the sum.

import { constants, defineKernel } from '../../kernel.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import {
  adapterDelta,
  adapterFunctions,
  poolFunctions,
  poolType,
  stateFunctions,
  type PoolDtype,
  type RanksAhead,
} from '../shared/adapter.ts';
import { padded } from '../../matrix.ts';
import source from './norm.wgsl?raw';

export type NormParams = StepParams & {
  /** A multiple of 4, as are all offsets into `vectors`. */
  hidden: number;
  eps: number;
  residual: number;
  pool: PoolDtype;
  ahead: RanksAhead;
  /** There is a branch to add. */
  branch: boolean;
  /** The branch is normed before it is added. */
  post: boolean;
  bias: boolean;
  /** Only the rows listed as outputs, packed together. */
  gather: boolean;
  /** Threads that share a row. */
  threads: number;
};

/** Offsets into the layer's `vectors`, in elements. */
export interface NormCall {
  layer: number;
  target: number;
  weightAt: number;
  postAt: number;
  biasAt: number;
}

export const encodeNormCall = (call: NormCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.layer, call.target, call.weightAt, call.postAt, call.biasAt, 0, 0, 0]);

export const norm = defineKernel<NormParams>()({
  name: 'norm',
  bindings: {
    call: 'uniform',
    x: 'write',
    y: 'read',
    h: 'write',
    vectors: 'read',
    z: 'read',
    pool: 'read',
    state: 'read',
  },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({
        THREADS: params.threads,
        HIDDEN: params.hidden,
        VECTORS: params.hidden / 4,
        STRIDE: padded(params.hidden) / 4,
        EPS_F: params.eps,
        RESIDUAL_F: params.residual,
        BRANCH: +params.branch,
        POST: +params.post,
        BIAS: +params.bias,
        GATHER: +params.gather,
      }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, x, y, h, vectors, state } = memory;
    const [layer, target, weightAt, postAt, biasAt] = call.u32 as unknown as number[];
    const { hidden, eps, residual } = params;
    const stride = padded(hidden);
    const rms = (values: ArrayLike<number>) => {
      let squares = 0;
      for (let i = 0; i < hidden; i++) squares += values[i]! ** 2;
      return 1 / Math.sqrt(squares / hidden + eps);
    };
    const count = state.u32[params.gather ? HEADER.outputs : HEADER.rows]!;
    for (let out = 0; out < count; out++) {
      const row = params.gather ? state.u32[params.outputsAt + out]! : out;
      const stream = x.f32.subarray(row * stride, row * stride + hidden);
      if (params.branch) {
        const branch = Float64Array.from({ length: hidden }, (_, n) => {
          const value = y.f32[row * stride + n]!;
          const delta = adapterDelta(memory, params, { row, layer: layer!, target: target!, zTarget: 0, n, y: value });
          return value + delta + (params.bias ? vectors.f32[biasAt! + n]! : 0);
        });
        const inverse = params.post ? rms(branch) : 1;
        for (let i = 0; i < hidden; i++) {
          stream[i]! += residual * branch[i]! * inverse * (params.post ? vectors.f32[postAt! + i]! : 1);
        }
      }
      const inverse = rms(stream);
      for (let i = 0; i < hidden; i++) h.f32[out * stride + i] = stream[i]! * inverse * vectors.f32[weightAt! + i]!;
    }
  },
});
