// A weight matrix times every row of the step, and beside it the first half of every adapter (z = A x),
// in one dispatch: rows of A ride as extra workgroups behind the rows of the base matrix.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { stepConstants, type StepParams } from '../../step-state.ts';
import { defineKernel, type Groups } from '../../kernel.ts';
import type { PoolDtype } from '../shared/adapter.ts';
import { LINEAR_THREADS, linearWgsl, ROWS_PER_THREAD } from './linear.wgsl.ts';
import { linearReference } from './linear.reference.ts';

export type LinearParams = StepParams & {
  dtype: WeightDtype;
  pool: PoolDtype;
  /** Rows of the step one thread works on. */
  tokens: number;
};

/** The words of the `call` uniform. */
export interface LinearCall {
  rows: number;
  groups: number;
  /** Where this part of the matrix starts in the output row. */
  firstRow: number;
  yStride: number;
  layer: number;
  /** First of the adapted matrices stacked in this one (q of qkv, gate of gate and up). */
  firstTarget: number;
  /** How many are stacked; 0 where no adapter reaches (the head). */
  targets: number;
  /** Header word that holds the number of rows. */
  countWord: number;
  /** Only rows [first, limit); a limit of 0 means all. */
  firstToken?: number;
  tokenLimit?: number;
}

export const baseGroups = (rows: number): number => Math.ceil(rows / (ROWS_PER_THREAD * LINEAR_THREADS));

export function encodeLinearCall(call: LinearCall): Uint32Array<ArrayBuffer> {
  const { rows, groups, firstRow, yStride, layer, firstTarget, targets, countWord } = call;
  return new Uint32Array([
    rows,
    groups,
    firstRow,
    yStride,
    layer,
    firstTarget,
    targets,
    baseGroups(rows),
    countWord,
    call.firstToken ?? 0,
    call.tokenLimit ?? 0,
    0,
  ]);
}

/** `rankWidth` is the greatest total rank any row of the step wears; 0 when none wears an adapter. */
export function linearGroups(call: LinearCall, rows: number, rankWidth: number, tokens: number): Groups {
  const adapterGroups = Math.ceil((call.targets * rankWidth) / LINEAR_THREADS);
  return [baseGroups(call.rows) + adapterGroups, Math.ceil(rows / tokens), 1];
}

export const linear = defineKernel<LinearParams>()({
  name: 'linear',
  bindings: {
    call: 'uniform',
    x: 'read',
    weights: 'read',
    scales: 'read',
    y: 'write',
    z: 'write',
    pool: 'read',
    state: 'read',
  },
  wgsl: (params) => linearWgsl(stepConstants(params), params.dtype, params.pool, params.tokens),
  reference: linearReference,
});
