// An adapter's matrices as pages for the pool: the same page layout in every layer, any mix of ranks, no padding to a
// common rank. It knows values and page addresses; which physical pages they get is the engine's business.
//
// A vector is one row of A (input-sized) or one column of B (output-sized); alpha / rank is folded into B. Per target:
// greatest-rank rows of A, as many columns of B, and for DoRA one more vector, the gain minus one, where
// gain = magnitude / ||W + scale B A|| is also folded into B. A vector never crosses a page.

import type { Folder } from '#lib/core/folder.ts';
import { targetShape } from '#lib/core/format/check-adapter.ts';
import type { AdaptedMatrix, AdapterPlan, AdapterTarget } from '#lib/core/format/adapter.ts';
import { toHalf } from '#lib/core/half.ts';
import { decodeFloats } from '#lib/core/format/floats.ts';
import type { TensorEntry } from '#lib/core/format/safetensors.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { DESCRIPTOR, TARGETS } from '#lib/webgpu/step-state.ts';
import type { Architecture } from './architecture.ts';
import { WeightsMismatchError } from './errors.ts';

export const TARGET_ORDER: readonly AdapterTarget[] = ['q', 'k', 'v', 'o', 'gate', 'up', 'down'];

export interface PackedAdapter {
  /** Pages in each layer. */
  pages: number;
  /** Per layer, `pages` pages of packed elements. */
  slabs: Uint8Array<ArrayBuffer>[];
  /** Where each vector starts: page of this adapter, element within it. */
  vectors: { page: number; element: number }[];
  /** By target: its first vector and its greatest rank over all layers; rank 0 where it is not adapted. */
  targets: { first: number; rank: number }[];
  /** By layer and target: rank | dora << 16. */
  ranks: Uint32Array;
  rankWidth: number;
}

export interface PagePlan {
  pageBytes: number;
  elementBytes: 2 | 4;
}

/** What DoRA multiplies a matrix's output rows by; null packs the adapter without it. */
export type Gains = ((matrix: AdaptedMatrix) => Float32Array) | null;

export async function packAdapter(
  folder: Folder,
  plan: AdapterPlan,
  base: Architecture,
  { pageBytes, elementBytes }: PagePlan,
  gains: Gains,
): Promise<PackedAdapter> {
  const dora = plan.kind === 'dora' && gains !== null;
  const pageElements = pageBytes / elementBytes;
  const vectors: PackedAdapter['vectors'] = [];
  let cursor = { page: 0, element: 0 };
  const place = (length: number) => {
    const size = padded(length);
    if (cursor.element + size > pageElements) cursor = { page: cursor.page + 1, element: 0 };
    vectors.push(cursor);
    cursor = { page: cursor.page, element: cursor.element + size };
  };
  const targets = TARGET_ORDER.map((target) => {
    const rank = Math.max(0, ...plan.matrices.filter((m) => m.target === target).map((m) => m.rank));
    const first = vectors.length;
    const [input, output] = targetShape(base, target);
    for (let r = 0; r < rank; r++) place(input);
    for (let r = 0; r < rank; r++) place(output);
    if (dora && rank > 0) place(output);
    return { first, rank };
  });
  const pages = cursor.page + 1;
  const ranks = new Uint32Array(base.layers * TARGETS);
  const slabs = Array.from({ length: base.layers }, () => new Uint8Array(pages * pageBytes));

  for (const matrix of plan.matrices) {
    const { layer, target, rank, scale } = matrix;
    const index = TARGET_ORDER.indexOf(target);
    const { first, rank: greatest } = targets[index]!;
    const [input, output] = targetShape(base, target);
    const a = await readTensor(folder, matrix.a);
    const b = await readTensor(folder, matrix.b);
    const gain = dora ? gains(matrix) : null;
    const put = createWriter(slabs[layer]!, elementBytes);
    const at = (vector: number) => {
      const { page, element } = vectors[vector]!;
      return page * pageElements + element;
    };
    for (let r = 0; r < rank; r++) {
      for (let k = 0; k < input; k++) put(at(first + r) + k, a[r * input + k]!);
      for (let n = 0; n < output; n++) put(at(first + greatest + r) + n, b[n * rank + r]! * scale * (gain?.[n] ?? 1));
    }
    if (gain) for (let n = 0; n < output; n++) put(at(first + 2 * greatest) + n, gain[n]! - 1);
    ranks[layer * TARGETS + index] = rank | (gain ? 1 << 16 : 0);
  }
  return { pages, slabs, vectors, targets, ranks, rankWidth: Math.max(0, ...targets.map(({ rank }) => rank)) };
}

/** The adapter's descriptor words once its pages have their physical numbers. */
export function describeAdapter(
  packed: PackedAdapter,
  pageTable: readonly number[],
  layers: number,
  { pageBytes, elementBytes }: PagePlan,
): Uint32Array<ArrayBuffer> {
  const list = DESCRIPTOR.vectors(layers);
  const words = new Uint32Array(list + packed.vectors.length);
  packed.targets.forEach(({ first, rank }, target) => {
    words[DESCRIPTOR.target + 2 * target] = list + first;
    words[DESCRIPTOR.target + 2 * target + 1] = rank;
  });
  words.set(packed.ranks, DESCRIPTOR.ranks);
  packed.vectors.forEach(({ page, element }, i) => {
    words[list + i] = pageTable[page]! * (pageBytes / elementBytes) + element;
  });
  return words;
}

export async function readTensor(folder: Folder, entry: TensorEntry): Promise<Float32Array<ArrayBuffer>> {
  const bytes = await folder.read(entry.file, entry.start, entry.end);
  const values = decodeFloats(bytes, entry.dtype, `${folder.name}/${entry.file}: tensor "${entry.name}"`);
  if (values.every(Number.isFinite)) return values;
  throw new WeightsMismatchError(
    folder.name,
    `tensor "${entry.name}" in ${entry.file} has a value that is not finite (NaN or infinity)`,
    'The file is damaged or the training diverged; fetch it again.',
  );
}

function createWriter(slab: Uint8Array<ArrayBuffer>, elementBytes: 2 | 4): (element: number, value: number) => void {
  if (elementBytes === 4) {
    const floats = new Float32Array(slab.buffer);
    return (element, value) => void (floats[element] = value);
  }
  const halves = new Uint16Array(slab.buffer);
  return (element, value) => void (halves[element] = toHalf(value));
}
