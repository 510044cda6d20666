// What one layer gets of each token beside the stream: the projected embedding, normed, and a row of a table of all layers.

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
import source from './layer-input.wgsl?raw';

export type LayerInputParams = StepParams & {
  /** Multiples of 4, as are all offsets. */
  width: number;
  /** Elements of a row of the table: `width` for each layer. */
  ofAll: number;
  /** Multiplies the projection before its norm. */
  scale: number;
  eps: number;
  pool: PoolDtype;
  ahead: RanksAhead;
  /** Threads that share a row. */
  threads: number;
};

export interface LayerInputCall {
  layer: number;
  target: number;
  weightAt: number;
}

/** The two parts have the same weight in their sum, whose variance is that of one. */
const HALF_VARIANCE = Math.SQRT1_2;

export const encodeLayerInputCall = ({ layer, target, weightAt }: LayerInputCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([layer, target, weightAt, 0]);

export const layerInputGroups = (rows: number): Groups => [rows, 1, 1];

export const layerInput = defineKernel<LayerInputParams>()({
  name: 'layer-input',
  bindings: {
    call: 'uniform',
    y: 'read',
    x: 'read',
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
        VECTORS: params.width / 4,
        STRIDE: padded(params.ofAll) / 4,
        SCALE_F: params.scale,
        HALF_VARIANCE_F: HALF_VARIANCE,
        EPS_F: params.eps,
      }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, y, x, h, vectors, state } = memory;
    const [layer, target, weightAt] = call.u32 as unknown as [number, number, number];
    const { width, ofAll, scale, eps } = params;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const values = Float64Array.from({ length: width }, (_, n) => {
        const base = y.f32[row * width + n]!;
        return scale * (base + adapterDelta(memory, params, { row, layer, target, zTarget: 0, n, y: base }));
      });
      const inverse = 1 / Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / width + eps);
      for (let n = 0; n < width; n++) {
        const looked = x.f32[row * padded(ofAll) + layer * width + n]!;
        h.f32[row * width + n] = (values[n]! * inverse * vectors.f32[weightAt + n]! + looked) * HALF_VARIANCE;
      }
    }
  },
});
