// An adapter's matrices as pages for the pool: the same page layout in every layer, any mix of ranks, no padding to a
// common rank. The engine chooses the physical pages.
//
// Per target: greatest-rank rows of A; for DoRA the gain minus one; then B by rows, each as wide as the greatest rank rounded
// up to four, a page holding as many whole rows as fit. alpha / rank is folded into B, and for DoRA also
// gain = magnitude / ||W + scale B A||. Nothing crosses a page.

import type { Folder } from '#lib/core/folder.ts';
import type { AdaptedMatrix } from '#lib/formats/model/adapter-module.ts';
import type { AdapterPlan } from '#lib/formats/model/adapter.ts';
import { toHalf } from '#lib/core/half.ts';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import type { TensorRows } from '#lib/formats/model/slice-rows.ts';
import { ELEMENT_BYTES } from '#lib/webgpu/element.ts';
import type { PoolDtype } from '#lib/webgpu/kernels/shared/adapter.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { DESCRIPTOR, roundRank, rowsPerPage } from '#lib/webgpu/step-state.ts';
import type { ModelBase } from './adaptable-base.ts';
import { WeightsMismatchError } from './errors.ts';
import { joinVectors } from './join-vectors.ts';
import type { Projection } from './projections.ts';

export interface PackedAdapter {
  /** Pages in each layer. */
  pages: number;
  /** Per layer, `pages` pages of packed elements. */
  slabs: Uint8Array<ArrayBuffer>[];
  /** Start of each row of A, each gain and each page of B: page of this adapter, element within the page. */
  places: { page: number; element: number }[];
  /** By target: its first entry in `places` and its highest rank over all layers; rank 0 when not adapted. */
  targets: { first: number; rank: number }[];
  /** By layer and target: rank | dora << 16. */
  ranks: Uint32Array;
  /** Highest rank of any target, rounded up to four. */
  rankWidth: number;
}

export interface PagePlan {
  pageBytes: number;
  poolDtype: PoolDtype;
}

/** DoRA's factors for a projection's output rows; null packs the adapter without them. */
export type Gains = ((matrix: AdaptedMatrix) => Float32Array) | null;

/** Assigns every part of an adapter to its pages, from the highest rank of each target. */
export function layOutPages(
  rankOf: (projection: Projection) => number,
  { modules }: ModelBase,
  { pageBytes, poolDtype }: PagePlan,
  dora: boolean,
): Pick<PackedAdapter, 'pages' | 'places' | 'targets'> {
  const pageElements = pageBytes / ELEMENT_BYTES[poolDtype];
  const places: PackedAdapter['places'] = [];
  const targets: PackedAdapter['targets'] = [];
  let cursor = { page: 0, element: 0 };
  const place = (length: number) => {
    const size = padded(length);
    if (cursor.element + size > pageElements) cursor = { page: cursor.page + 1, element: 0 };
    places.push(cursor);
    cursor = { page: cursor.page, element: cursor.element + size };
  };
  for (const projections of modules.values()) {
    // PEFT adapts modules, so projections in one module share one A.
    let rowsOfA: PackedAdapter['places'] | null = null;
    for (const projection of projections) {
      const { index, input, output } = projection;
      const rank = rankOf(projection);
      const first = places.length;
      if (rowsOfA) places.push(...rowsOfA);
      else for (let r = 0; r < rank; r++) place(input);
      rowsOfA = places.slice(first);
      if (rank > 0) place(dora ? output : 0);
      const rows = rowsPerPage(rank, pageElements);
      for (let n = 0; rank > 0 && n < output; n += rows) place(Math.min(rows, output - n) * roundRank(rank));
      targets[index] = { first, rank };
    }
  }
  return { pages: cursor.page + 1, places, targets };
}

/** Pages in each layer that the adapter takes when packed. */
export const pagesOf = (plan: AdapterPlan, base: ModelBase, pagePlan: PagePlan): number =>
  layOutPages(greatestRanks(plan), base, pagePlan, plan.kind === 'dora').pages;

const greatestRanks =
  ({ matrices }: AdapterPlan) =>
  ({ name }: Projection): number =>
    Math.max(0, ...matrices.filter(({ target }) => target.name === name).map(({ rank }) => rank));

export async function packAdapter(
  folder: Folder,
  plan: AdapterPlan,
  base: ModelBase,
  pagePlan: PagePlan,
  gains: Gains,
): Promise<PackedAdapter> {
  const { pageBytes, poolDtype } = pagePlan;
  const dora = plan.kind === 'dora' && gains !== null;
  const pageElements = pageBytes / ELEMENT_BYTES[poolDtype];
  const { pages, places, targets } = layOutPages(greatestRanks(plan), base, pagePlan, dora);
  const ranks = new Uint32Array(base.layers * targets.length);
  const slabs = Array.from({ length: base.layers }, () => new Uint8Array(pages * pageBytes));

  for (const matrix of plan.matrices) {
    const { layer, rank, scale } = matrix;
    const { index, input, output } = matrix.target;
    const { first, rank: greatest } = targets[index]!;
    const a = await readTensor(folder, matrix.a);
    const b = await readTensor(folder, matrix.b);
    const gain = dora ? gains(matrix) : null;
    const put = createWriter(slabs[layer]!, poolDtype);
    const at = (index: number) => {
      const { page, element } = places[index]!;
      return page * pageElements + element;
    };
    for (let r = 0; r < rank; r++) {
      for (let k = 0; k < input; k++) put(at(first + r) + k, a[r * input + k]!);
    }
    const rows = rowsPerPage(greatest, pageElements);
    for (let n = 0; n < output; n++) {
      const row = at(first + greatest + 1 + Math.floor(n / rows)) + (n % rows) * roundRank(greatest);
      for (let r = 0; r < rank; r++) put(row + r, b[n * rank + r]! * scale * (gain?.[n] ?? 1));
      if (gain) put(at(first + greatest) + n, gain[n]! - 1);
    }
    ranks[layer * targets.length + index] = rank | (gain ? 1 << 16 : 0);
  }
  const rankWidth = Math.max(0, ...targets.map(({ rank }) => roundRank(rank)));
  return { pages, slabs, places, targets, ranks, rankWidth };
}

/** The adapter's descriptor words once its pages have their physical numbers. */
export function describeAdapter(
  packed: Pick<PackedAdapter, 'places' | 'targets' | 'ranks'>,
  pageTable: readonly number[],
  layers: number,
  { pageBytes, poolDtype }: PagePlan,
): Uint32Array<ArrayBuffer> {
  const pageElements = pageBytes / ELEMENT_BYTES[poolDtype];
  const count = packed.targets.length;
  const list = DESCRIPTOR.vectors(count, layers);
  const words = new Uint32Array(list + packed.places.length);
  packed.targets.forEach(({ first, rank }, target) => {
    words[DESCRIPTOR.target + 2 * target] = list + first;
    words[DESCRIPTOR.target + 2 * target + 1] = rank;
  });
  words.set(packed.ranks, DESCRIPTOR.ranks(count));
  packed.places.forEach(({ page, element }, i) => {
    words[list + i] = pageTable[page]! * pageElements + element;
  });
  return words;
}

export async function readTensor(folder: Folder, entry: TensorRows): Promise<Float32Array<ArrayBuffer>> {
  if (entry.pieces) {
    const pieces: Float32Array[] = [];
    for (const piece of entry.pieces) pieces.push(await readTensor(folder, piece));
    return joinVectors(pieces);
  }
  const bytes = await folder.read(entry.file, entry.start, entry.end);
  const values = decodeFloats(bytes, entry.dtype, `${folder.name}/${entry.file}: tensor "${entry.name}"`);
  if (values.every(Number.isFinite)) return values;
  throw new WeightsMismatchError(
    folder.name,
    `tensor "${entry.name}" in ${entry.file} has a value that is not finite (NaN or infinity)`,
    'The file is damaged or the training diverged; fetch it again.',
  );
}

function createWriter(slab: Uint8Array<ArrayBuffer>, dtype: PoolDtype): (element: number, value: number) => void {
  if (dtype === 'f32') {
    const floats = new Float32Array(slab.buffer);
    return (element, value) => void (floats[element] = value);
  }
  const halves = new Uint16Array(slab.buffer);
  return (element, value) => void (halves[element] = toHalf(value));
}
