// Quantises weights on the GPU while they stream in.

import { FILE_DTYPES, GROUP, type FileDtype, type WeightDtype } from '#lib/core/tensor.ts';
import { constants, type Groups, defineKernel } from '../../kernel.ts';
import { VECTORS_PER_GROUP } from '../../matrix.ts';
import { isQuantised } from '../shared/weights.ts';
import { packReference } from './pack.reference.ts';
import source from './pack.wgsl?raw';
import { STORE_WGSL } from './store.ts';

export type PackParams = { dtype: WeightDtype };

export interface PackCall {
  rows: number;
  columns: number;
  /** Of the whole matrix. */
  groups: number;
  /** Row of the matrix part where the first of these rows goes; even. */
  firstRow: number;
  /** Element of `raw` where they start. */
  rawAt: number;
  format: FileDtype;
  /** Word of `faults` to count in. */
  faultAt: number;
  /** Group of 32 columns of the matrix where these columns start. Default 0. */
  firstGroup?: number;
}

const THREADS = 32;

export const encodePackCall = (call: PackCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([
    call.rows,
    call.columns,
    call.groups,
    call.firstRow,
    call.rawAt,
    FILE_DTYPES.indexOf(call.format),
    call.faultAt,
    call.firstGroup ?? 0,
  ]);

export const packGroups = ({ columns, rows }: PackCall): Groups => [
  Math.ceil(columns / GROUP / THREADS),
  Math.ceil(rows / 2),
  1,
];

/** At `faultAt`, `faults` counts weights that are not finite; one word on, those too great for f16. */
export const pack = defineKernel<PackParams>()({
  name: 'pack',
  bindings: { call: 'uniform', raw: 'read', weights: 'write', scales: 'write', faults: 'write' },
  wgsl: ({ dtype }) =>
    [
      constants({ THREADS, VECTORS: VECTORS_PER_GROUP[dtype], QUANTISED: +isQuantised(dtype) }),
      source,
      STORE_WGSL[dtype],
    ].join('\n'),
  reference: packReference,
});
