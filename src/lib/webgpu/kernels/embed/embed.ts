// Token ids to rows of the embedding table. A table cut into parts takes one dispatch a part.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { constants, type Groups, defineKernel } from '../../kernel.ts';
import { FROM_SLOT, HEADER, ROW, stepConstants, type StepParams } from '../../step-state.ts';
import { slotOf, stateFunctions } from '../shared/adapter.ts';
import { planeType, readWeight, weightFunction } from '../shared/weights.ts';
import { appliedWeight, appliedWeightFunction } from '../shared/applied-weight.ts';
import source from './embed.wgsl?raw';

export type EmbedParams = StepParams & { dtype: WeightDtype };

export interface EmbedCall {
  rows: number;
  groups: number;
  firstRow: number;
  scale: number;
  /** Only rows to which the adapter at this word offset is applied; all rows where it is absent. */
  onlyAdapter?: number;
}

const THREADS = 32;

export function encodeEmbedCall({ rows, groups, firstRow, scale, onlyAdapter }: EmbedCall): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array([rows, groups, firstRow, 0, onlyAdapter === undefined ? 0 : onlyAdapter + 1, 0, 0, 0]);
  new Float32Array(words.buffer)[3] = scale;
  return words;
}

export const embedGroups = (groups: number, rows: number): Groups => [Math.ceil((groups * 8) / THREADS), rows, 1];

export const embed = defineKernel<EmbedParams>()({
  name: 'embed',
  bindings: { call: 'uniform', weights: 'read', scales: 'read', x: 'write', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS }),
      `alias plane = ${planeType(params.dtype)};`,
      stateFunctions,
      appliedWeightFunction,
      source,
      weightFunction(params.dtype),
    ].join('\n'),
  reference({ call, weights, scales, x, state }, params) {
    const [rows, groups, firstRow] = call.u32 as unknown as [number, number, number];
    const scale = call.f32[3]!;
    const onlyAdapter = call.u32[4]!;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      if (onlyAdapter > 0 && appliedWeight(state, params, row, onlyAdapter - 1) === 0) continue;
      let token = state.u32[params.rowsAt + row * ROW.words + ROW.token]!;
      if (token === FROM_SLOT) token = state.u32[slotOf(state, params, row)]!;
      if (token < firstRow || token - firstRow >= rows) continue;
      for (let k = 0; k < groups * 32; k++) {
        x.f32[row * groups * 32 + k] = scale * readWeight(params.dtype, weights, scales, groups, token - firstRow, k);
      }
    }
  },
});
