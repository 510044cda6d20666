// Adds the learned vector of its position to every row of the step.

import { constants, type Groups, defineKernel } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { positionOf, stateFunctions } from '../shared/adapter.ts';
import source from './positions.wgsl?raw';

/** `hidden`: a multiple of 4. */
export type PositionsParams = StepParams & { hidden: number };

const THREADS = 32;

export const positionsGroups = (hidden: number, rows: number): Groups => [Math.ceil(hidden / 4 / THREADS), rows, 1];

export const positions = defineKernel<PositionsParams>()({
  name: 'positions',
  bindings: { positions: 'read', x: 'write', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS, VECTORS: params.hidden / 4, STRIDE: padded(params.hidden) / 4 }),
      source,
      stateFunctions,
    ].join('\n'),
  reference({ positions: table, x, state }, params) {
    const { hidden } = params;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const at = positionOf(state, params, row) * hidden;
      for (let i = 0; i < hidden; i++) x.f32[row * padded(hidden) + i]! += table.f32[at + i]!;
    }
  },
});
