// Rotary position, per-head norms, biases and adapters of q, k and v, and the write into the paged cache.

import { constants, type Groups, defineKernel } from '../../kernel.ts';
import { ROW, stepConstants, type StepParams } from '../../step-state.ts';
import {
  adapterFunctions,
  poolFunctions,
  poolType,
  stateFunctions,
  type PoolDtype,
  type RanksAhead,
} from '../shared/adapter.ts';
import { kvFunctions, kvType, type KvDtype } from '../shared/kv.ts';
import { ropeReference } from './rope.reference.ts';
import source from './rope.wgsl?raw';

export type RopeParams = StepParams & {
  heads: number;
  kvHeads: number;
  /** A multiple of 4. */
  headDim: number;
  /** Leading elements of a head that rotate; 0 where a layer has no position. */
  ropeDim: number;
  /** Rows say at which position of `angles` theirs begin. */
  ofPrompt: boolean;
  /** Pairs (i, i + ropeDim / 2); otherwise (2i, 2i + 1). */
  half: boolean;
  headNorm: boolean;
  bias: boolean;
  eps: number;
  /** Pairs before the values in a layer's cache. */
  valuesAt: number;
  pool: PoolDtype;
  ahead: RanksAhead;
  kv: KvDtype;
  /** Threads that share a head. */
  threads: number;
};

/** Offsets into the layer's `vectors`, in elements. */
export interface RopeCall {
  layer: number;
  /** q among the adapted projections; k and v follow it. */
  firstTarget: number;
  biasAt: number;
  qNormAt: number;
  kNormAt: number;
}

export const encodeRopeCall = (call: RopeCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.layer, call.firstTarget, call.biasAt, call.qNormAt, call.kNormAt, 0, 0, 0]);

export const ropeGroups = (heads: number, kvHeads: number, rows: number): Groups => [heads + 2 * kvHeads, rows, 1];

// Only where there is a norm: workgroup memory costs a barrier, used or not, because WebGPU clears it first.
const INVERSE_RMS = `var<workgroup> partial: array<f32, THREADS>;
fn inverse_rms(thread: u32, squares: f32) -> f32 {
  partial[thread] = squares;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < THREADS; i++) {
    sum += partial[i];
  }
  return inverseSqrt(sum / f32(HEAD_DIM) + EPS_F);
}`;
const NO_NORM = 'fn inverse_rms(thread: u32, squares: f32) -> f32 { return 1.0; }';

export const rope = defineKernel<RopeParams>()({
  name: 'rope',
  bindings: {
    call: 'uniform',
    y: 'read',
    q: 'write',
    kv: 'write',
    angles: 'read',
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
        HEADS: params.heads,
        KV_HEADS: params.kvHeads,
        HEAD_DIM: params.headDim,
        ROPE_DIM: params.ropeDim,
        OF_PROMPT: +params.ofPrompt,
        ROW_ANGLES: ROW.angles,
        HALF: +params.half,
        HEAD_NORM: +params.headNorm,
        BIAS: +params.bias,
        EPS_F: params.eps,
        VALUES_AT: params.valuesAt,
        Y_STRIDE: (params.heads + 2 * params.kvHeads) * params.headDim,
        TWOS_PER_THREAD: Math.ceil(params.headDim / 4 / params.threads),
      }),
      `alias pool_word = ${poolType(params.pool)};`,
      `alias kv_word = ${kvType(params.kv)};`,
      source,
      params.headNorm ? INVERSE_RMS : NO_NORM,
      stateFunctions,
      poolFunctions(params.pool),
      kvFunctions(params.kv),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference: ropeReference,
});
