// Queries of latent attention: adapters, and the rotation of the elements that have a position.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
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
import source from './latent-queries.wgsl?raw';

export type LatentQueriesParams = StepParams & {
  heads: number;
  headDim: number;
  /** Trailing elements of a head that rotate. A multiple of 4, as is `headDim`. */
  ropeDim: number;
  pool: PoolDtype;
  ahead: RanksAhead;
};

const THREADS = 32;

export const encodeLatentQueriesCall = (call: {
  layer: number;
  target: number;
  stride: number;
}): Uint32Array<ArrayBuffer> => new Uint32Array([call.layer, call.target, call.stride, 0]);

export const latentQueriesGroups = (heads: number, headDim: number, rows: number): Groups => [
  Math.ceil((heads * headDim) / 4 / THREADS),
  rows,
  1,
];

export const latentQueries = defineKernel<LatentQueriesParams>()({
  name: 'latent-queries',
  bindings: { call: 'uniform', y: 'read', q: 'write', angles: 'read', z: 'read', pool: 'read', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS, HEADS: params.heads, HEAD_DIM: params.headDim, ROPE_DIM: params.ropeDim }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, y, q, angles, state } = memory;
    const [layer, target, stride] = call.u32 as unknown as [number, number, number];
    const { heads, headDim, ropeDim } = params;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const position = positionOf(state, params, row);
      const values = Float64Array.from({ length: heads * headDim }, (_, n) => {
        const base = y.f32[row * stride + n]!;
        return base + adapterDelta(memory, params, { row, layer, target, zTarget: 0, n, y: base });
      });
      for (let n = 0; n < values.length; n += 2) {
        const [a, b] = [values[n]!, values[n + 1]!];
        const from = (n % headDim) - (headDim - ropeDim);
        const at = position * ropeDim + from;
        const [cos, sin] = from < 0 ? [1, 0] : [angles.f32[at]!, angles.f32[at + 1]!];
        q.f32[row * values.length + n] = a * cos - b * sin;
        q.f32[row * values.length + n + 1] = b * cos + a * sin;
      }
    }
  },
});
