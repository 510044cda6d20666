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
import { kvFunctions, kvType, LEAST_SCALE, type KvDtype } from '../shared/kv.ts';
import { projectedHeads } from './projected-heads.ts';
import projectedSource from './projected.wgsl?raw';
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
  /** An RMS norm of q and k before they rotate: over each head, or over all heads together. */
  norm: 'none' | 'head' | 'whole';
  bias: boolean;
  /** What `y` holds of each row. qk: values are the keys before their norm and rotation. q: nothing is cached. */
  projects: 'qkv' | 'qk' | 'q';
  /** Values pass an RMS norm over each head, without weights. Only where `norm` is `head`. */
  valueNorm: boolean;
  eps: number;
  /** q is multiplied by 1 + growth · ln(1 + floor(position / growthEvery)). */
  growth: number;
  growthEvery: number;
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
const SUM = `var<workgroup> partial: array<f32, THREADS>;
fn sum_over_threads(thread: u32, squares: f32) -> f32 {
  partial[thread] = squares;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < THREADS; i++) {
    sum += partial[i];
  }
  return sum;
}`;
/** Writes two pairs at a place, or all of a head under one scale. */
const STORES = (kv: KvDtype, valuesAt: number): string =>
  kv === 'i8'
    ? `var<workgroup> greatest_of: array<f32, THREADS>;
fn store(at: u32, pairs: vec4<f32>) {}
fn store_scaled(thread: u32, at: u32, greatest: f32, held: ptr<function, array<vec4<f32>, TWOS_PER_THREAD>>) {
  greatest_of[thread] = greatest;
  workgroupBarrier();
  var scale = 0.0;
  for (var i = 0u; i < THREADS; i++) {
    scale = max(scale, greatest_of[i]);
  }
  if (thread == 0u) {
    kv[${valuesAt}u + at / (HEAD_DIM / 2u)] = bitcast<u32>(scale);
  }
  let inverse = select(1.0 / scale, 0.0, scale < ${LEAST_SCALE});
  for (var j = 0u; j < TWOS_PER_THREAD; j++) {
    let i = 2u * (j * THREADS + thread);
    if (i < HEAD_DIM / 2u) {
      kv[(at + i) >> 1u] = pack4x8snorm((*held)[j] * inverse);
    }
  }
}`
    : `${kvFunctions(kv)}
fn store(at: u32, pairs: vec4<f32>) {
  kv[at] = kv_pack(pairs.xy);
  kv[at + 1u] = kv_pack(pairs.zw);
}
fn store_scaled(thread: u32, at: u32, greatest: f32, held: ptr<function, array<vec4<f32>, TWOS_PER_THREAD>>) {}`;
const NORMS: Record<RopeParams['norm'], string> = {
  none: `fn inverse_rms(thread: u32, squares: f32, row: u32, part: u32) -> f32 { return 1.0; }`,
  head: `${SUM}
fn inverse_rms(thread: u32, squares: f32, row: u32, part: u32) -> f32 {
  return inverseSqrt(sum_over_threads(thread, squares) / f32(HEAD_DIM) + EPS_F);
}`,
  // Every head computes the sum over all heads anew: that costs less than a dispatch of its own.
  whole: `${SUM}
fn inverse_rms(thread: u32, squares: f32, row: u32, part: u32) -> f32 {
  let first = select(HEADS, 0u, part == 0u);
  let heads = select(KV_HEADS, HEADS, part == 0u);
  var all = 0.0;
  for (var i = thread; part < 2u && i < heads * HEAD_DIM / 4u; i += THREADS) {
    let head = first + 4u * i / HEAD_DIM;
    let v = values(row, part, head, 4u * i % HEAD_DIM + vec4<u32>(0u, 1u, 2u, 3u));
    all += dot(v, v);
  }
  return inverseSqrt(sum_over_threads(thread, all) / f32(heads * HEAD_DIM) + EPS_F);
}`,
};

/** What the gradient's text shares with that of the kernel itself. */
export const ropeConstants = (params: Omit<RopeParams, 'valuesAt' | 'kv'>): string =>
  constants({
    THREADS: params.threads,
    HEADS: params.heads,
    KV_HEADS: params.kvHeads,
    HEAD_DIM: params.headDim,
    ROPE_DIM: params.ropeDim,
    OF_PROMPT: +params.ofPrompt,
    ROW_ANGLES: ROW.angles,
    HALF: +params.half,
    HEAD_NORM: +(params.norm !== 'none'),
    WHOLE_NORM: +(params.norm === 'whole'),
    BIAS: +params.bias,
    EPS_F: params.eps,
    GROWS: +(params.growth > 0),
    GROWTH_F: params.growth,
    GROWTH_EVERY: params.growthEvery,
    Y_STRIDE: projectedHeads(params) * params.headDim,
    TIED: +(params.projects === 'qk'),
    VALUE_NORM: +params.valueNorm,
  });

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
      ropeConstants(params),
      constants({
        VALUES_AT: params.valuesAt,
        SCALED: +(params.kv === 'i8'),
        TWOS_PER_THREAD: Math.ceil(params.headDim / 4 / params.threads),
      }),
      `alias pool_word = ${poolType(params.pool)};`,
      `alias kv_word = ${kvType(params.kv)};`,
      projectedSource,
      source,
      NORMS[params.norm],
      stateFunctions,
      poolFunctions(params.pool),
      STORES(params.kv, params.valuesAt),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference: ropeReference,
});
