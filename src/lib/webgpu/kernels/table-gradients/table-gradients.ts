// The gradient of a matrix of an adapter that lies beside the pool: dW[n, k] += sum of dY[t, n] x[t, k], over the outputs of the step or over
// its rows, in their order, where the adapter is applied. The gradient lies as its matrix does. Blend weights are 1 in training.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { floatsAt, TILE } from '../../matrix.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { stateFunctions } from '../shared/adapter.ts';
import { appliedWeight, appliedWeightFunction } from '../shared/applied-weight.ts';
import source from './table-gradients.wgsl?raw';

export interface TableGradientsCall {
  /** Of the matrix. */
  rows: number;
  /** Elements of a row of x and of the matrix, whole groups. */
  columns: number;
  yStride: number;
  /** Word offset of the adapter. */
  descriptor: number;
  /** dY and x hold the step's outputs; otherwise its rows. */
  ofOutputs: boolean;
}

const THREADS = 32;

export function encodeTableGradientsCall(call: TableGradientsCall): Uint32Array<ArrayBuffer> {
  const { rows, columns, yStride, descriptor, ofOutputs } = call;
  return new Uint32Array([rows, columns / 4, yStride, descriptor, +ofOutputs, 0, 0, 0]);
}

export const tableGradientsGroups = ({ rows, columns }: Pick<TableGradientsCall, 'rows' | 'columns'>): Groups => [
  Math.ceil(columns / 4 / THREADS),
  Math.ceil(rows / 4),
  1,
];

export const tableGradients = defineKernel<StepParams>()({
  name: 'table-gradients',
  bindings: { call: 'uniform', dy: 'read', x: 'read', sums: 'write', state: 'read' },
  wgsl: (params) =>
    [stepConstants(params), constants({ THREADS, TILE }), source, stateFunctions, appliedWeightFunction].join('\n'),
  reference({ call, dy, x, sums, state }, params) {
    const [rows, vectors, yStride, descriptor, ofOutputs] = Array.from(call.u32) as [
      ...[number, number, number, number, number],
    ];
    const columns = 4 * vectors;
    const count = state.u32[ofOutputs ? HEADER.outputs : HEADER.rows]!;
    const rowOf = (t: number) => (ofOutputs ? state.u32[params.outputsAt + t]! : t);
    const applied = Array.from({ length: count }, (_, t) => t).filter(
      (t) => appliedWeight(state, params, rowOf(t), descriptor) !== 0,
    );
    for (let n = 0; n < rows; n++) {
      for (let k = 0; k < columns; k++) {
        let sum = 0;
        for (const t of applied) sum += dy.f32[t * yStride + n]! * x.f32[t * columns + k]!;
        sums.f32[4 * floatsAt(n, k >> 2, vectors) + (k & 3)]! += sum;
      }
    }
  },
});
