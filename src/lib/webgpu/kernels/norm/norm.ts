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
import layerNormSource from './layer-norm.wgsl?raw';
import { sumOverThreads } from '../shared/over-threads.ts';
import source from './norm.wgsl?raw';
import rmsNormSource from './rms-norm.wgsl?raw';

export type NormParams = StepParams & {
  /** rms and layer with weights, layer with biases behind them; none leaves the sum as it is. */
  kind: 'rms' | 'layer' | 'none';
  /** Norms the stream as it was before the branch. Only of `layer`. */
  beside: boolean;
  /** A multiple of 4, as are all offsets into `vectors`. */
  hidden: number;
  eps: number;
  residual: number;
  pool: PoolDtype;
  ahead: RanksAhead;
  /** There is a branch to add. */
  branch: boolean;
  /** The branch is normed before it is added. Not of `layer`. */
  post: boolean;
  bias: boolean;
  /** The sum is multiplied by a number of the vectors. Not of `layer`. */
  scale: boolean;
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
  scaleAt: number;
}

export const encodeNormCall = (call: NormCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.layer, call.target, call.weightAt, call.postAt, call.biasAt, call.scaleAt, 0, 0]);

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
        ...(params.kind === 'layer'
          ? { BESIDE: +params.beside }
          : { COPY: +(params.kind === 'none'), SCALE: +params.scale }),
      }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      sumOverThreads('f32'),
      params.kind === 'layer' ? layerNormSource : rmsNormSource,
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, x, y, h, vectors, state } = memory;
    const [layer, target, weightAt, postAt, biasAt, scaleAt] = call.u32 as unknown as number[];
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
      const before = stream.slice();
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
      if (params.scale) for (let i = 0; i < hidden; i++) stream[i]! *= vectors.f32[scaleAt!]!;
      const normed = h.f32.subarray(out * stride, out * stride + hidden);
      if (params.kind === 'none') {
        normed.set(stream);
        continue;
      }
      const from = params.beside ? before : stream;
      const isLayer = params.kind === 'layer';
      const mean = isLayer ? from.reduce((sum, value) => sum + value, 0) / hidden : 0;
      const apart = Float64Array.from(from, (value) => value - mean);
      const inverse = rms(apart);
      for (let i = 0; i < hidden; i++) {
        const at = weightAt! + i;
        normed[i] = apart[i]! * inverse * vectors.f32[at]! + (isLayer ? vectors.f32[at + hidden]! : 0);
      }
    }
  },
});
