// A small step for kernel tests: rows of a few sequences, each with its own adapters of mixed ranks and scattered vectors.

import { createRng } from '#lib/core/rng.ts';
import { appliedAdapters } from '#lib/webgpu/kernels/shared/adapter.ts';
import { kvVectorBytes, readKv, writeKvVector, type KvLayout } from '#lib/webgpu/kernels/shared/kv.ts';
import { toHalf } from '#lib/core/half.ts';
import {
  BLOCK_TOKENS,
  DESCRIPTOR,
  FROM_SLOT,
  HEADER,
  roundRank,
  ROW,
  SLOT,
  stepLayout,
  stepParams,
} from '#lib/webgpu/step-state.ts';

export interface StepCase {
  state: Uint32Array<ArrayBuffer>;
  pool: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
  params: ReturnType<typeof stepParams>;
  rankWidth: number;
  rows: number;
  /**
   * Random z in the form that `linear` writes for some stacked targets: 0 beyond an adapter's rank, padded to a multiple of four.
   */
  z(layer: number, firstTarget: number, targets: number): Float32Array<ArrayBuffer>;
}

export interface StepCaseOptions {
  rows: number;
  /** Longest vector of any adapter, in elements. */
  longest: number;
  poolDtype?: 'f32' | 'f16';
  layers?: number;
  /** Ranks of the adapters; rows cycle through them, then a blend of the first two, then none. */
  ranks?: number[];
  dora?: boolean;
  outputs?: number[];
  /** Position of row i; null leaves it in the slot. */
  positionOf?: (row: number) => number | null;
  /** Absent: rows take slots in turn. */
  slotOf?: (row: number) => number;
}

/** Whole sequences of these lengths, one behind the other. */
export function packedRows(lengths: number[]): Required<Pick<StepCaseOptions, 'rows' | 'positionOf' | 'slotOf'>> {
  const rows = lengths.flatMap((length, slot) => Array.from({ length }, (_, position) => ({ slot, position })));
  return {
    rows: rows.length,
    positionOf: (row) => rows[row]!.position,
    slotOf: (row) => rows[row]!.slot,
  };
}

const SLOTS = 6;
/** Adapted projections of a layer. */
const TARGETS = 7;
const BLOCKS = 8;
/** Small, so that B spans several pages. */
const PAGE_ELEMENTS = 512;

export function stepCase(options: StepCaseOptions): StepCase {
  const { rows, longest, layers = 2, ranks = [], poolDtype = 'f32' } = options;
  const random = createRng(rows * 31 + longest);
  const stride = Math.ceil(longest / 32) * 32;
  const layout = stepLayout({
    maxRows: Math.max(rows, 8),
    maxSlots: SLOTS,
    maxBlocks: BLOCKS,
    layers,
    targets: TARGETS,
    adapterWords: 4096,
    pageElements: PAGE_ELEMENTS,
  });
  const state = new Uint32Array(layout.words);
  const floats = new Float32Array(state.buffer);

  const descriptors: number[] = [];
  let word = 0;
  let element = 0;
  for (const [i, rank] of ranks.entries()) {
    descriptors.push(word);
    const at = layout.adapters + word;
    const list = DESCRIPTOR.vectors(TARGETS, layers);
    const width = roundRank(rank);
    const rows = Math.floor(PAGE_ELEMENTS / width);
    const perTarget = rank + 1 + Math.ceil(longest / rows);
    for (let target = 0; target < TARGETS; target++) {
      state[at + 2 * target] = list + target * perTarget;
      state[at + 2 * target + 1] = rank;
      for (let layer = 0; layer < layers; layer++) {
        // The last target of an adapter has a lower rank in odd layers.
        const own = target === TARGETS - 1 && layer % 2 === 1 ? Math.max(1, rank - 1) : rank;
        state[at + DESCRIPTOR.ranks(TARGETS) + layer * TARGETS + target] =
          own | (options.dora && i === 0 ? 1 << 16 : 0);
      }
      for (let v = 0; v < perTarget; v++) {
        state[at + list + target * perTarget + v] = element;
        element += v <= rank ? stride : rows * width;
      }
    }
    word += list + TARGETS * perTarget;
  }
  const values = Float32Array.from({ length: Math.max(element, 4) }, () => random.normal() * 0.3);
  const pool = poolDtype === 'f32' ? values : packHalves(values);

  let rankWidth = 0;
  for (let slot = 0; slot < SLOTS; slot++) {
    const at = layout.slots + slot * SLOT.words;
    const applied = slot < ranks.length ? [slot] : slot === ranks.length && ranks.length > 1 ? [0, 1] : [];
    state[at + SLOT.blendCount] = applied.length;
    applied.forEach((adapter, e) => {
      state[at + SLOT.blend + 2 * e] = descriptors[adapter]!;
      floats[at + SLOT.blend + 2 * e + 1] = 0.5 + e;
    });
    rankWidth = Math.max(
      rankWidth,
      applied.reduce((sum, adapter) => sum + roundRank(ranks[adapter]!), 0),
    );
    state[at + SLOT.token] = 2 + slot;
    state[at + SLOT.position] = 5 + 3 * slot;
    for (let block = 0; block < BLOCKS; block++) {
      state[layout.blocks + slot * BLOCKS + block] = (slot * BLOCKS + block * 5 + 3) % (SLOTS * BLOCKS);
    }
  }
  state[HEADER.rows] = rows;
  state[HEADER.rankWidth] = rankWidth;
  const outputs = options.outputs ?? [];
  state[HEADER.outputs] = outputs.length;
  state.set(outputs, layout.outputs);
  for (let row = 0; row < rows; row++) {
    const at = layout.rows + row * ROW.words;
    const position = options.positionOf ? options.positionOf(row) : null;
    state[at + ROW.token] = position === null ? FROM_SLOT : (row * 7) % 11;
    state[at + ROW.position] = position ?? FROM_SLOT;
    state[at + ROW.slot] = options.slotOf?.(row) ?? row % SLOTS;
    state[layout.rows + row * ROW.words + ROW.angles] = 3 * row;
  }
  const params = stepParams(layout);
  const z = (layer: number, firstTarget: number, targets: number) => {
    const values = new Float32Array(Math.max(4, rows * 3 * rankWidth));
    for (let row = 0; row < rows; row++) {
      for (let target = 0; target < targets; target++) {
        for (const { offset, rank } of appliedAdapters(
          { u32: state, f32: floats },
          params,
          row,
          layer,
          firstTarget + target,
        )) {
          const at = (row * 3 + target) * rankWidth + offset;
          for (let r = 0; r < rank; r++) values[at + r] = random.normal();
        }
      }
    }
    return values;
  };
  return { state, pool, params, rankWidth, rows, z };
}

/** Where the keys of a row, and behind them its values, lie in a cache of f32; `positionOf` gave the row's position. */
export function cachedElements({ state, params }: StepCase, row: number, kvHeads: number, headDim: number): number[] {
  const position = state[params.rowsAt + row * ROW.words + ROW.position]!;
  const slot = state[params.rowsAt + row * ROW.words + ROW.slot]!;
  const block = state[params.blocksAt + slot * params.maxBlocks + Math.floor(position / BLOCK_TOKENS)]!;
  return Array.from({ length: 2 * kvHeads * headDim }, (_, i) => {
    const kvHead = Math.floor(i / headDim) % kvHeads;
    const at = ((block * kvHeads + kvHead) * BLOCK_TOKENS + (position % BLOCK_TOKENS)) * headDim + (i % headDim);
    return i < kvHeads * headDim ? at : kvElements(kvHeads, headDim) + at;
  });
}

export function packHalves(values: Float32Array): Uint32Array<ArrayBuffer> {
  const halves = Uint16Array.from(values, toHalf);
  const padded = new Uint16Array(Math.ceil(halves.length / 2) * 2);
  padded.set(halves);
  return new Uint32Array(padded.buffer);
}

/** Enough cache for every block of every slot. */
export const kvElements = (kvHeads: number, headDim: number): number =>
  SLOTS * BLOCKS * kvHeads * BLOCK_TOKENS * headDim;

/** Keys, then values, as a cache of this layout holds them. */
export function storedKv(layout: KvLayout, elements: Float32Array): Float32Array<ArrayBuffer> {
  const { elements: bytes, scale } = kvVectorBytes(layout.kv, layout.headDim);
  const vectors = elements.length / layout.headDim;
  const stored = memoryOf(new ArrayBuffer(vectors * (bytes + scale)));
  for (let v = 0; v < vectors; v++) {
    const at = v * layout.headDim;
    writeKvVector(layout, stored, at / 2, elements.subarray(at, at + layout.headDim));
  }
  return stored.f32;
}

export function loadedKv(layout: KvLayout, bytes: ArrayBuffer, count: number): Float32Array {
  const stored = memoryOf(bytes);
  return Float32Array.from({ length: count }, (_, e) => readKv(layout, stored, e >> 1, e & 1));
}

const memoryOf = (bytes: ArrayBuffer) => ({ f32: new Float32Array(bytes), u32: new Uint32Array(bytes) });
