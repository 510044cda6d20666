// The gradient of a table of an adapter whose rows are looked up: dW[token of row t, k] += scale dX[t, k], where the adapter is applied.
// A column is one thread's, so rows of one token add up in the order of the step. The
// gradient lies as its table does.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { floatsAt, TILE } from '../../matrix.ts';
import { HEADER, ROW, stepConstants, type StepParams } from '../../step-state.ts';
import { stateFunctions } from '../shared/adapter.ts';
import { appliedWeight, appliedWeightFunction } from '../shared/applied-weight.ts';
import source from './embedding-gradients.wgsl?raw';

export interface EmbeddingGradientsCall {
  /** Elements of a row of dX and of the table, whole groups. */
  columns: number;
  /** Word offset of the adapter. */
  descriptor: number;
  /** Of what is looked up. */
  scale: number;
}

const THREADS = 32;

export function encodeEmbeddingGradientsCall(call: EmbeddingGradientsCall): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array([call.columns / 4, call.descriptor, 0, 0]);
  new Float32Array(words.buffer)[2] = call.scale;
  return words;
}

export const embeddingGradientsGroups = (columns: number): Groups => [Math.ceil(columns / 4 / THREADS), 1, 1];

export const embeddingGradients = defineKernel<StepParams>()({
  name: 'embedding-gradients',
  bindings: { call: 'uniform', dx: 'read', sums: 'write', state: 'read' },
  wgsl: (params) =>
    [stepConstants(params), constants({ THREADS, TILE }), source, stateFunctions, appliedWeightFunction].join('\n'),
  reference({ call, dx, sums, state }, params) {
    const [vectors, descriptor] = call.u32 as unknown as [number, number];
    const columns = 4 * vectors;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      if (appliedWeight(state, params, row, descriptor) === 0) continue;
      const token = state.u32[params.rowsAt + row * ROW.words + ROW.token]!;
      for (let k = 0; k < columns; k++) {
        const at = 4 * floatsAt(token, k >> 2, vectors) + (k & 3);
        sums.f32[at]! += call.f32[2]! * dx.f32[row * columns + k]!;
      }
    }
  },
});
