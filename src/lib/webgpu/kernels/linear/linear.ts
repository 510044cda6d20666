// A weight matrix times every row of the step, and beside it the first half of every adapter (z = A x),
// in one dispatch: rows of A ride as extra workgroups behind the rows of the base matrix.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { stepConstants, type StepParams } from '../../step-state.ts';
import type { Device } from '../../device.ts';
import { defineKernel, type Groups } from '../../kernel.ts';
import { TILE, type Matrix } from '../../matrix.ts';
import type { PoolDtype } from '../shared/adapter.ts';
import { linearWgsl } from './linear.wgsl.ts';
import { linearReference } from './linear.reference.ts';
import { QUAD } from './quad.ts';
import { lanesOf } from './split-adapter-rows.wgsl.ts';

/** How much one thread does. Both shapes of a matrix have the same splits: they sum in the same order and give the same bits. */
export type LinearShape = {
  /** Rows of the step. */
  tokens: number;
  /** Weight rows: 4 or 8; where threads share the columns, 1, 2 or 4. */
  rows: number;
  /** Threads of a workgroup. */
  threads: number;
  /** Shares into which the columns of a weight row are cut for as many threads, `threads` / 8 of them at a time; 1: uncut. */
  splits: number;
  /** Lanes of a subgroup that share the loads of x: 4 or 8, `threads` being a multiple; 0 without subgroups. */
  lanes: number;
};

export interface LinearShapes {
  /** For one row of the step. */
  one: LinearShape;
  several: LinearShape;
}

/** Rows of the step that one pass over a matrix takes where its columns allow; fewer cost as much. */
export const tileRows = ({ software }: Pick<Device, 'software'>): number => (software ? 4 : 8);

/** A real GPU is filled with threads of one row each by short matrices, of four by taller ones. */
const TALL = 8192;
const MOST_SPLITS = 32;

/**
 * What the kernel is compiled for. Software adapters, where every load and barrier is paid lane by lane, are faster with many
 * weight rows a thread; real ones need thousands of threads and loads side by side.
 */
export function linearShapes(device: Device, { rows, groups }: Pick<Matrix, 'rows' | 'groups'>): LinearShapes {
  const { software, lanes } = device;
  if (!software) {
    // Not many more threads than there are groups of columns to share.
    const splits = Math.min(MOST_SPLITS, Math.max(4, 2 ** Math.ceil(Math.log2(groups))));
    const several = Math.min(splits, MOST_SPLITS / 2);
    return {
      one: { tokens: 1, rows: rows > TALL ? 4 : 1, threads: splits * TILE, splits, lanes: 0 },
      several: { tokens: Math.min(tileRows(device), several), rows: 4, threads: several * TILE, splits, lanes: 0 },
    };
  }
  // Sharing loads wins a factor of two to three where a subgroup is a wide CPU vector, and with four lanes only for many rows.
  const shape = { rows: 8, threads: 8, splits: 1, lanes: lanes === 8 ? 8 : 0 };
  return { one: { tokens: 1, ...shape }, several: { tokens: tileRows(device), ...shape } };
}

/** For steps of many rows, as training has them. It sums as the others do. */
export function manyRowsShape(device: Device, matrix: Pick<Matrix, 'rows' | 'groups'>): LinearShape {
  // A tile costs the same with fewer rows of the step in it, so tiles of this size are for steps that fill them.
  if (device.software && device.lanes === QUAD) {
    return { tokens: 16, rows: 4, threads: 8, splits: 1, lanes: QUAD };
  }
  return linearShapes(device, matrix).several;
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

/** `rankWidth` is the greatest total rank applied to any row of the step; 0 when no row has an adapter. */
export function linearGroups(call: LinearCall, rows: number, rankWidth: number, shape: LinearShape): Groups {
  const split = shape.splits > 1;
  const baseGroups = Math.ceil(call.rows / (shape.rows * (split ? TILE : shape.threads)));
  const adapterGroups = Math.ceil(
    (call.targets * rankWidth) / 4 / (shape.threads / (split ? lanesOf(shape.threads) : 1)),
  );
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
