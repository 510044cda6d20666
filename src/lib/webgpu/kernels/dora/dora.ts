// Row norms of a base matrix with one adapter added: what a DoRA magnitude is divided by. Runs once per adapter.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { constants, type Groups, defineKernel } from '../../kernel.ts';
import { DESCRIPTOR, stepConstants, type StepParams } from '../../step-state.ts';
import { bElement, bRowFunction, poolFunctions, poolType, readPool, type PoolDtype } from '../shared/adapter.ts';
import { planeType, readWeight, weightFunction } from '../shared/weights.ts';
import source from './dora.wgsl?raw';

export type DoraParams = StepParams & { dtype: WeightDtype; pool: PoolDtype };

export interface DoraCall {
  rows: number;
  groups: number;
  /** Row of the stacked matrix where this target starts. */
  matrixRow: number;
  /** Row of the target itself where these rows start. */
  firstRow: number;
  layer: number;
  target: number;
  /** Word offset of the adapter's descriptor. */
  descriptor: number;
}

const THREADS = 32;

export const encodeDoraCall = (call: DoraCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.rows, call.groups, call.matrixRow, call.firstRow, call.layer, call.target, call.descriptor, 0]);

export const doraGroups = (rows: number): Groups => [Math.ceil(rows / THREADS), 1, 1];

export const dora = defineKernel<DoraParams>()({
  name: 'dora',
  bindings: { call: 'uniform', weights: 'read', scales: 'read', pool: 'read', state: 'read', norms: 'write' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS }),
      `alias plane = ${planeType(params.dtype)};`,
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      weightFunction(params.dtype),
      bRowFunction,
      poolFunctions(params.pool),
    ].join('\n'),
  reference({ call, weights, scales, pool, state, norms }, params) {
    const [rows, groups, matrixRow, firstRow, layer, target, offset] = Array.from(call.u32) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const words = state.u32;
    const descriptor = params.adaptersAt + offset;
    const rank = words[descriptor + DESCRIPTOR.ranks(params.targets) + layer * params.targets + target]! & 0xffff;
    const list = descriptor + words[descriptor + 2 * target]!;
    const greatest = words[descriptor + 2 * target + 1]!;
    for (let n = 0; n < rows; n++) {
      const b = bElement(state, params, list + greatest + 1, greatest, firstRow + n);
      let squares = 0;
      for (let k = 0; k < groups * 32; k++) {
        let w = readWeight(params.dtype, weights, scales, groups, matrixRow + n, k);
        for (let r = 0; r < rank; r++) {
          w += readPool(params.pool, pool, b + r) * readPool(params.pool, pool, words[list + r]! + k);
        }
        squares += w * w;
      }
      norms.f32[firstRow + n] = Math.sqrt(squares);
    }
  },
});
