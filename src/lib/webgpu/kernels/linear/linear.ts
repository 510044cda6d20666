// A weight matrix times every row of the step, and beside it the first half of every adapter (z = A x),
// in one dispatch: rows of A ride as extra workgroups behind the rows of the base matrix.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { stepConstants, type StepParams } from '../../step-state.ts';
import type { Device } from '../../device.ts';
import { defineKernel, type Groups } from '../../kernel.ts';
import { TILE } from '../../matrix.ts';
import type { PoolDtype } from '../shared/adapter.ts';
import { linearWgsl } from './linear.wgsl.ts';
import { linearReference } from './linear.reference.ts';
import { LANES } from './split-adapter-rows.wgsl.ts';

/** How much one thread does. Every shape with the same splits sums in the same order, so each gives the same bits. */
export type LinearShape = {
  /** Rows of the step. */
  tokens: number;
  /** Weight rows: 4 or 8; where threads share the columns, 1, 2 or 4. */
  rows: number;
  /** Threads of a workgroup. */
  threads: number;
  /** Threads that share the columns of a weight row: `threads` / 8, or 1. The same in all shapes of a device. */
  splits: number;
  /** Lanes of a subgroup that share the loads of x: 4 or 8, `threads` being a multiple; 0 without subgroups. */
  lanes: number;
};

/**
 * What the kernel is compiled for: one row of the step, or several. Software adapters, where every load and barrier is paid
 * lane by lane, are faster with many weight rows a thread; real ones need thousands of threads and loads side by side.
 */
export function linearShapes({ software, lanes }: Device): { one: LinearShape; several: LinearShape } {
  if (!software) {
    const shape = { threads: 128, splits: 16, lanes: 0 };
    return { one: { tokens: 1, rows: 2, ...shape }, several: { tokens: 4, rows: 4, ...shape } };
  }
  // Sharing loads wins a factor of two to three where a subgroup is a wide CPU vector, and nothing where it has four lanes.
  const shape = { rows: 8, threads: 8, splits: 1, lanes: lanes === 8 ? 8 : 0 };
  return { one: { tokens: 1, ...shape }, several: { tokens: 4, ...shape } };
}

export type LinearParams = StepParams & LinearShape & { dtype: WeightDtype; pool: PoolDtype };

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

export function encodeLinearCall(call: LinearCall): Uint32Array<ArrayBuffer> {
  const { rows, groups, firstRow, yStride, layer, firstTarget, targets, countWord } = call;
  const { firstToken = 0, tokenLimit = 0 } = call;
  const words = [rows, groups, firstRow, yStride, layer, firstTarget, targets, countWord, firstToken, tokenLimit];
  return new Uint32Array([...words, 0, 0]);
}

/** `rankWidth` is the greatest total rank any row of the step wears; 0 when none wears an adapter. */
export function linearGroups(call: LinearCall, rows: number, rankWidth: number, shape: LinearShape): Groups {
  const split = shape.splits > 1;
  const baseGroups = Math.ceil(call.rows / (shape.rows * (split ? TILE : shape.threads)));
  const adapterGroups = Math.ceil((call.targets * rankWidth) / 4 / (shape.threads / (split ? LANES : 1)));
  return [baseGroups + adapterGroups, Math.ceil(rows / shape.tokens), 1];
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
  wgsl: (params) => linearWgsl(stepConstants(params), params.pool, params),
  reference: linearReference,
});
