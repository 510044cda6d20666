// The norm of a latent vector: the short form from which queries, or keys and values, are expanded.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
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
import source from './latent.wgsl?raw';

export type LatentParams = StepParams & {
  /** Multiples of 4, as are all offsets. */
  width: number;
  /** Outputs behind the latent vector that are kept as they are. */
  tail: number;
  eps: number;
  pool: PoolDtype;
  ahead: RanksAhead;
  threads: number;
};

export interface LatentCall {
  layer: number;
  target: number;
  /** Place of the projection in its stack. */
  zTarget: number;
  /** Its first row in the stack. */
  first: number;
  stride: number;
  weightAt: number;
}

export const encodeLatentCall = (call: LatentCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.layer, call.target, call.zTarget, call.first, call.stride, call.weightAt, 0, 0]);

export const latentGroups = (rows: number): Groups => [rows, 1, 1];

export const latent = defineKernel<LatentParams>()({
  name: 'latent',
  bindings: {
    call: 'uniform',
    y: 'read',
    h: 'write',
    tail: 'write',
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
        VECTORS: params.width / 4,
        STRIDE: padded(params.width) / 4,
        TAIL_VECTORS: params.tail / 4,
        EPS_F: params.eps,
      }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, y, h, tail, vectors, state } = memory;
    const [layer, target, zTarget, first, stride, weightAt] = call.u32 as unknown as number[];
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const values = Float64Array.from({ length: params.width + params.tail }, (_, n) => {
        const base = y.f32[row * stride! + first! + n]!;
        const at = { row, layer: layer!, target: target!, zTarget: zTarget!, n, y: base };
        return base + adapterDelta(memory, params, at);
      });
      const normed = values.subarray(0, params.width);
      const squares = normed.reduce((sum, v) => sum + v * v, 0);
      const inverse = 1 / Math.sqrt(squares / params.width + params.eps);
      normed.forEach((v, i) => (h.f32[row * padded(params.width) + i] = v * inverse * vectors.f32[weightAt! + i]!));
      tail.f32.set(values.subarray(params.width), row * params.tail);
    }
  },
});
