// One projection of one DoRA adapter in one layer, for the kernels that take its gains out of the pool for a step of the optimizer and put
// them back behind it. Between the two the pool has B times alpha / rank, and the magnitude where a gain minus one lies otherwise.

import { constants, type Groups, type Memory } from '../../kernel.ts';
import { roundRank, stepConstants, type StepParams } from '../../step-state.ts';
import { adapterPlaces, bRowFunction } from '../shared/adapter.ts';
import placesSource from './gain-places.wgsl?raw';

export interface GainCall {
  outputs: number;
  target: number;
  /** Word offset of the adapter's descriptor. */
  descriptor: number;
}

const THREADS = 32;

export const encodeGainCall = ({ outputs, target, descriptor }: GainCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([outputs, target, descriptor, 0]);

export const gainGroups = (outputs: number): Groups => [Math.ceil(outputs / THREADS), 1, 1];

export const gainHead = (params: StepParams): string =>
  [stepConstants(params), constants({ THREADS }), placesSource, bRowFunction].join('\n');

/** For each output: its number, the element of its gain, and the elements of its row of B. `places`: another descriptor than the call's. */
export function gainPlaces(call: Memory, state: Memory, params: StepParams, places?: number) {
  const [outputs, target, own] = call.u32 as unknown as [number, number, number];
  const descriptor = places ?? own;
  const { gainAt, bAt } = adapterPlaces(state, params, descriptor, target);
  const greatest = state.u32[params.adaptersAt + descriptor + 2 * target + 1]!;
  return Array.from({ length: outputs }, (_, n) => ({
    n,
    gain: gainAt() + n,
    b: Array.from({ length: roundRank(greatest) }, (_, r) => bAt(n, r)),
  }));
}
