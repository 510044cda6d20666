// How kernels read the adapter pool and a row's blend: WGSL snippets and their plain TypeScript twins.
// It knows descriptors and pool elements; who fills them is the engine's business.

import { DESCRIPTOR, FROM_SLOT, HEADER, roundRank, ROW, rowsPerPage, SLOT, type StepParams } from '../../step-state.ts';
import type { ElementDtype } from '../../element.ts';
import type { Memory } from '../../kernel.ts';
import { halfAt } from '#lib/core/half.ts';
import adapterWgsl from './adapter.wgsl?raw';
import bRowWgsl from './b-row.wgsl?raw';
import stateWgsl from './state.wgsl?raw';

/** Element type of adapter vectors in the pool. */
export type PoolDtype = ElementDtype;

export const stateFunctions = stateWgsl;
export const bRowFunction = bRowWgsl;

/** Vectors of four ranks asked for before one is used: memory of real GPUs answers them side by side, software only works more. */
export type RanksAhead = 1 | 4;

const dots = (z: string, r: string): string =>
  `vec4<f32>(${['x', 'y', 'z', 'w'].map((n) => `dot(${z}, pool4(b.${n} + ${r}))`).join(', ')})`;

const RANK_PRODUCTS: Record<RanksAhead, string> = {
  1: `  var r = 0u;
  loop {
    let zr = z[z_at + r];
    sum += ${dots('zr', 'r')};
    continuing {
      r++;
      break if r >= ranks;
    }
  }`,
  4: `  for (var r = 0u; r < ranks; r += 4u) {
    let at = min(r + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(ranks - 1u));
${['x', 'y', 'z', 'w'].map((k, i) => `    let z${i} = select(vec4<f32>(), z[z_at + at.${k}], r + ${i}u < ranks);\n    sum += ${dots(`z${i}`, `at.${k}`)};`).join('\n')}
  }`,
};

/** `fn adapter_delta(…)`: what a row's adapters add to four outputs of a matrix. */
export const adapterFunctions = (ahead: RanksAhead): string => `${bRowWgsl}
// B[n] . z for four rows of B that start at b.
fn rank_products(z_at: u32, b: vec4<u32>, ranks: u32) -> vec4<f32> {
  var sum = vec4<f32>();
${RANK_PRODUCTS[ahead]}
  return sum;
}
${adapterWgsl}`;

export const poolType = (dtype: PoolDtype): string => (dtype === 'f32' ? 'vec4<f32>' : 'vec2<u32>');

/** `pool4(i)`: elements 4i..4i+3; `pool1(i)`: element i. */
export function poolFunctions(dtype: PoolDtype): string {
  if (dtype === 'f32') {
    return `fn pool4(i: u32) -> vec4<f32> { return pool[i]; }
fn pool1(i: u32) -> f32 { return pool[i >> 2u][i & 3u]; }`;
  }
  return `fn pool4(i: u32) -> vec4<f32> {
  let word = pool[i];
  return vec4<f32>(unpack2x16float(word.x), unpack2x16float(word.y));
}
fn pool1(i: u32) -> f32 { return unpack2x16float(pool[i >> 2u][(i >> 1u) & 1u])[i & 1u]; }`;
}

export function readPool(dtype: PoolDtype, pool: Memory, element: number): number {
  return dtype === 'f32' ? pool.f32[element]! : halfAt(pool.u32[element >> 1]!, element & 1);
}

/** Word offset of the slot of a row. */
export function slotOf(state: Memory, params: StepParams, row: number): number {
  return params.slotsAt + state.u32[params.rowsAt + row * ROW.words + ROW.slot]! * SLOT.words;
}

export function positionOf(state: Memory, params: StepParams, row: number): number {
  const position = state.u32[params.rowsAt + row * ROW.words + ROW.position]!;
  return position === FROM_SLOT ? state.u32[slotOf(state, params, row) + SLOT.position]! : position;
}

/** Where the parts of an adapter of one matrix lie. */
export interface AdapterPlaces {
  /** Pool element where A row `r` starts. */
  rowAt(r: number): number;
  /** Pool element of B[n, r]. */
  bAt(n: number, r: number): number;
  /** Pool element where the DoRA gain minus one starts. */
  gainAt(): number;
}

/** One adapter of a row's blend, as one matrix of one layer sees it. */
export interface AppliedAdapter extends AdapterPlaces {
  /** Word offset of its descriptor in the adapters region. */
  descriptor: number;
  weight: number;
  rank: number;
  dora: boolean;
  /** Where this adapter's ranks start in the row's z. */
  offset: number;
}

/** `descriptor` is a word offset in the adapters region. */
export function adapterPlaces(state: Memory, params: StepParams, descriptor: number, target: number): AdapterPlaces {
  const words = state.u32;
  const at = params.adaptersAt + descriptor;
  const vectors = at + words[at + 2 * target]!;
  const greatest = words[at + 2 * target + 1]!;
  return {
    rowAt: (r) => words[vectors + r]!,
    bAt: (n, r) => bElement(state, params, vectors + greatest + 1, greatest, n) + r,
    gainAt: () => words[vectors + greatest]!,
  };
}

export function appliedAdapters(
  state: Memory,
  params: StepParams,
  row: number,
  layer: number,
  target: number,
): AppliedAdapter[] {
  const slot = slotOf(state, params, row);
  const words = state.u32;
  const result: AppliedAdapter[] = [];
  let offset = 0;
  for (let e = 0; e < words[slot + SLOT.blendCount]!; e++) {
    const descriptor = words[slot + SLOT.blend + 2 * e]!;
    const ranks = params.adaptersAt + descriptor + DESCRIPTOR.ranks(params.targets);
    const word = words[ranks + layer * params.targets + target]!;
    const rank = word & 0xffff;
    if (rank === 0) continue;
    const weight = state.f32[slot + SLOT.blend + 2 * e + 1]!;
    const places = adapterPlaces(state, params, descriptor, target);
    result.push({ ...places, descriptor, weight, rank, dora: word >>> 16 !== 0, offset });
    offset += roundRank(rank);
  }
  return result;
}

/** Pool element where row `n` of B starts; `pages` is the word that names its first page. */
export function bElement(state: Memory, params: StepParams, pages: number, greatest: number, n: number): number {
  const width = roundRank(greatest);
  const rows = rowsPerPage(greatest, params.pageElements);
  return state.u32[pages + Math.floor(n / rows)]! + (n % rows) * width;
}

/** The plain form of `adapter_delta`. */
export function adapterDelta(
  memory: { state: Memory; pool: Memory; z: Memory },
  params: StepParams & { pool: PoolDtype },
  at: { row: number; layer: number; target: number; zTarget: number; n: number; y: number },
): number {
  const { state, pool, z } = memory;
  const zBase = (at.row * 3 + at.zTarget) * state.u32[HEADER.rankWidth]!;
  let sum = 0;
  for (const applied of appliedAdapters(state, params, at.row, at.layer, at.target)) {
    for (let r = 0; r < applied.rank; r++) {
      sum += z.f32[zBase + applied.offset + r]! * readPool(params.pool, pool, applied.bAt(at.n, r));
    }
    if (applied.dora) sum += applied.weight * readPool(params.pool, pool, applied.gainAt() + at.n) * at.y;
  }
  return sum;
}
