// Multiplies each row by the sigmoid of one of its scores.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import source from './row-gate.wgsl?raw';

/** A multiple of 4. */
export type RowGateParams = StepParams & { width: number };

/** Threads of a workgroup; each takes four elements. */
const THREADS = 32;

/** `stride`: scores of a row; `at`: the one that counts. */
export const encodeRowGateCall = ({ stride, at }: { stride: number; at: number }): Uint32Array<ArrayBuffer> =>
  new Uint32Array([stride, at, 0, 0]);

export const rowGateGroups = (width: number, rows: number): Groups => [Math.ceil(width / 4 / THREADS), rows, 1];

export const rowGate = defineKernel<RowGateParams>()({
  name: 'row-gate',
  bindings: { call: 'uniform', scores: 'read', h: 'write', state: 'read' },
  wgsl: ({ width, ...step }) =>
    [stepConstants(step), constants({ THREADS, VECTORS: width / 4, STRIDE: padded(width) / 4 }), source].join('\n'),
  reference({ call, scores, h, state }, { width }) {
    const [stride, at] = call.u32 as unknown as [number, number];
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const gate = 1 / (1 + Math.exp(-scores.f32[row * stride + at]!));
      for (let i = 0; i < width; i++) h.f32[row * padded(width) + i]! *= gate;
    }
  },
});
