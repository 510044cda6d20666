// How the backward kernels of a linear layer read a weight row: eight neighbouring columns of one group at a time.
// It knows where the bits of eight columns lie in the packed planes; `matrix.ts` says where a group lies.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { TILE, VECTORS_PER_GROUP } from '../../matrix.ts';
import { isQuantised, SHIFTED, shiftedExpression, unshiftExpression } from '../shared/weights.ts';

/** Element type of the weight plane for these reads: just the bits of eight columns, but for f32, which needs two. */
const PLANE: Record<WeightDtype, string> = { f32: 'vec4<f32>', f16: 'vec4<u32>', q8: 'vec2<u32>', q4: 'u32' };

/** Eights that one 16-byte word holds. */
const EIGHTS_PER_WORD: Record<WeightDtype, number> = { f32: 1, f16: 1, q8: 2, q4: 4 };

/** The bindings of the two planes, and constants that the expressions below name. */
export const eightBindings = (dtype: WeightDtype): string => `${SHIFTED[dtype]}
@group(0) @binding(2) var<storage, read> weights: array<${PLANE[dtype]}>;
@group(0) @binding(3) var<storage, read> scales: array<u32>;`;

/** Index into `weights` of eight `q` (0..3) of the row with this number in its tile. `group` counts through the tiles. */
export function eightIndex(dtype: WeightDtype, group: string, lane: string, q: string): string {
  const vectors = VECTORS_PER_GROUP[dtype];
  const eights = EIGHTS_PER_WORD[dtype];
  if (dtype === 'f32') return `(${group} * ${vectors}u + 2u * ${q}) * ${TILE}u + ${lane}`;
  return `((${group} * ${vectors}u + ${q} / ${eights}u) * ${TILE}u + ${lane}) * ${eights}u + ${q} % ${eights}u`;
}

/** Statements that set `NAMEa` and `NAMEb`, four columns each, scale not applied and quantised ones left shifted. */
export function readEight(dtype: WeightDtype, name: string, index: string): string {
  if (dtype === 'f32') return `let ${name}a = weights[${index}]; let ${name}b = weights[${index} + ${TILE}u];`;
  const word = dtype === 'q4' ? `vec2<u32>(weights[${index}])` : `weights[${index}]`;
  return `let ${name} = ${word};
let ${name}a = ${shiftedExpression(dtype, name, 0)}; let ${name}b = ${shiftedExpression(dtype, name, 1)};`;
}

/** What a sum of such columns is multiplied by in the end. */
export const unshifted = unshiftExpression;

/** The scale of a row in a group, as an expression; empty where there is none. */
export const scaleOf = (dtype: WeightDtype, group: string, lane: string): string =>
  isQuantised(dtype) ? `unpack2x16float(scales[(${group} * ${TILE}u + ${lane}) >> 1u])[${lane} & 1u]` : '';
