// The gradient of a linear layer's input: what arrives at its output, times the packed matrix, dX[t, k] = sum over n of dY[t, n] W[n, k].
// The matrix is frozen, so this is all that its backward pass computes. Adapters add their part in `adapter-gradients`.

import type { WeightDtype } from '#lib/core/tensor.ts';
import type { Device } from '../../device.ts';
import { defineKernel, type Groups } from '../../kernel.ts';
import { stepConstants, type StepParams } from '../../step-state.ts';
import { readWeight } from '../shared/weights.ts';
import { QUAD } from './quad.ts';
import { linearBackwardWgsl } from './linear.backward.wgsl.ts';
import { tiledBackwardWgsl, TILE_COLUMNS, TILE_TOKENS, TILED_THREADS } from './tiled-backward.wgsl.ts';

/** How the work is cut. Every element is summed over n in ascending order by one thread, in all shapes. */
export type LinearBackwardShape =
  | {
      /** A thread takes some rows of the step and eight columns; it waits for no other. */
      form: 'alone';
      /** Rows of the step that share one reading of the weights. */
      tokens: number;
      /** Lanes of a subgroup that share the loads of dY: 4, or 0 without subgroups. */
      lanes: number;
      threads: number;
    }
  | {
      /** The threads of a workgroup unpack weights for each other: 64 rows of the step by 64 columns. */
      form: 'tiled';
    };

/** Software adapters pay for barriers, real GPUs for memory. */
export function linearBackwardShape({ software, lanes }: Pick<Device, 'software' | 'lanes'>): LinearBackwardShape {
  if (!software) return { form: 'tiled' };
  return lanes === QUAD
    ? { form: 'alone', tokens: 8, threads: 8, lanes }
    : { form: 'alone', tokens: 4, threads: 8, lanes: 0 };
}

export type LinearBackwardParams = StepParams & LinearBackwardShape & { dtype: WeightDtype };

/** The words of the `call` uniform, for one part of a matrix. */
export interface LinearBackwardCall {
  /** Weight rows of the part, and where they start in a row of dY. */
  rows: number;
  firstRow: number;
  /** Groups of 32 columns; a row of dX has as many elements. */
  groups: number;
  yStride: number;
  /** Header word that holds the number of rows of the step. */
  countWord: number;
  /** False: dX is overwritten. The parts of a matrix after its first add. */
  adds: boolean;
  /** Only rows [first, limit) of the step; a limit of 0 means all. */
  firstToken?: number;
  tokenLimit?: number;
}

export function encodeLinearBackwardCall(call: LinearBackwardCall): Uint32Array<ArrayBuffer> {
  const { rows, firstRow, groups, yStride, countWord, adds, firstToken = 0, tokenLimit = 0 } = call;
  return new Uint32Array([rows, firstRow, groups, yStride, countWord, +adds, firstToken, tokenLimit]);
}

export function linearBackwardGroups(
  { groups }: Pick<LinearBackwardCall, 'groups'>,
  rows: number,
  shape: LinearBackwardShape,
): Groups {
  if (shape.form === 'tiled') return [Math.ceil((groups * 32) / TILE_COLUMNS), Math.ceil(rows / TILE_TOKENS), 1];
  return [Math.ceil((groups * 4) / shape.threads), Math.ceil(rows / shape.tokens), 1];
}

export const linearBackward = defineKernel<LinearBackwardParams>()({
  name: 'linear-backward',
  bindings: { call: 'uniform', dy: 'read', weights: 'read', scales: 'read', dx: 'write', state: 'read' },
  wgsl: (params) => {
    const tiled = params.form === 'tiled';
    const threads = tiled ? TILED_THREADS : params.threads;
    const body = tiled ? tiledBackwardWgsl(params.dtype) : linearBackwardWgsl(params.dtype, params);
    const enabled = !tiled && params.lanes > 0 ? ['enable subgroups;'] : [];
    return [...enabled, stepConstants(params), `const THREADS = ${threads}u;`, body].join('\n');
  },
  reference({ call, dy, weights, scales, dx, state }, { dtype }) {
    const [rows, firstRow, groups, yStride, countWord, adds, firstToken, tokenLimit] = Array.from(call.u32) as [
      ...[number, number, number, number],
      ...[number, number, number, number],
    ];
    const columns = groups * 32;
    const count = tokenLimit > 0 ? tokenLimit : state.u32[countWord]!;
    const sums = new Float64Array(count * columns);
    for (let n = 0; n < rows; n++) {
      const row = Float64Array.from({ length: columns }, (_, k) => readWeight(dtype, weights, scales, groups, n, k));
      for (let t = firstToken; t < count; t++) {
        const d = dy.f32[t * yStride + firstRow + n]!;
        for (let k = 0; k < columns; k++) sums[t * columns + k]! += d * row[k]!;
      }
    }
    for (let i = firstToken * columns; i < sums.length; i++) dx.f32[i] = (adds ? dx.f32[i]! : 0) + sums[i]!;
  },
});
