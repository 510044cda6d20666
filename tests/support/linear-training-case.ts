// One linear layer and adapters of different ranks, the last with DoRA, as a case for training: weights, rows, and the state of a step over them.

import { createRng } from '#lib/core/rng.ts';
import type { Projection } from '#lib/model/projections.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { HEADER, roundRank, ROW, SLOT, stepLayout, stepParams } from '#lib/webgpu/step-state.ts';
import { randomPlanes } from './random-planes.ts';

export const PAGE = 512;
export const INPUT = 64;
export const OUTPUT = 72;
export const STRIDE = padded(OUTPUT);
export const STEPS = 3;
/** Rows of each sequence. */
export const LENGTH = 4;

interface LinearAdapter {
  rank: number;
  /** alpha / rank. */
  scale: number;
  dora: boolean;
  descriptor: number;
  pages: readonly number[];
  rate: number;
  clip: number;
}

/** B of the second lies on two pages. */
export const ADAPTERS: readonly LinearAdapter[] = [
  { ...{ rank: 3, scale: 2, dora: false, descriptor: 0, pages: [2] }, rate: 0.02, clip: 5 },
  { ...{ rank: 5, scale: 0.5, dora: false, descriptor: 16, pages: [3, 0, 1] }, rate: 0.05, clip: 0 },
  { ...{ rank: 2, scale: 1.5, dora: true, descriptor: 32, pages: [4] }, rate: 0.03, clip: 20 },
];
export const POOL_ELEMENTS = 5 * PAGE;
export const OPTIMIZER = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.1 } as const;

const random = createRng(97);
const normals = (length: number, scale = 1) => Float32Array.from({ length }, () => random.normal() * scale);
export const planes = randomPlanes(random, 'q8', OUTPUT, INPUT / 32);
/** B apart from zero, so that A learns in the first step too; magnitudes of DoRA, not those of the base. */
export const START = ADAPTERS.map(({ rank, dora }) => ({
  ...{ a: normals(rank * INPUT, 0.2), b: normals(OUTPUT * rank, 0.2) },
  magnitudes: normals(dora ? OUTPUT : 0).map((value) => 20 + value),
}));
export const X = normals(4 * LENGTH * INPUT);
export const WANTED = normals(4 * LENGTH * OUTPUT, 3);

export type Blend = readonly { adapter: number; weight: number }[];
export const [ALONE, OTHER, BOTH, DORA, NONE]: [Blend, Blend, Blend, Blend, Blend] = [
  [{ adapter: 0, weight: 1 }],
  [{ adapter: 1, weight: 1 }],
  [
    { adapter: 1, weight: 0.5 },
    { adapter: 0, weight: 0.75 },
  ],
  [{ adapter: 2, weight: 0.75 }],
  [],
];

const layout = stepLayout({
  ...{ maxRows: 16, maxSlots: 4, maxBlocks: 1, layers: 1, targets: 1, adapterWords: 64, pageElements: PAGE },
});
export const step = stepParams(layout);

/** What the layer is to adapters. */
export const PROJECTION: Projection = {
  ...{ name: 'o', stack: 'o', index: 0, input: INPUT, output: OUTPUT, firstRow: 0, hasBias: false },
};

/** Element of A[r, 0], of the gains and of B[n, 0]. A and the gains lie on the first page; B behind them or on pages of its own. */
export const placesOf = ({ rank, pages, dora }: LinearAdapter) => {
  const [first, ...others] = pages.map((page) => page * PAGE) as [number, ...number[]];
  const rows = Math.floor(PAGE / roundRank(rank) / 4) * 4;
  const gains = first + rank * INPUT;
  const pagesOfB = others.length > 0 ? others : [gains + (dora ? STRIDE : 0)];
  return {
    ...{ gains, pagesOfB },
    a: (r: number) => first + r * INPUT,
    b: (n: number) => pagesOfB[Math.floor(n / rows)]! + (n % rows) * roundRank(rank),
  };
};

export function stateOf(blends: readonly Blend[]) {
  const state = new Uint32Array(layout.words);
  const floats = new Float32Array(state.buffer);
  for (const adapter of ADAPTERS) {
    const { a, gains, pagesOfB } = placesOf(adapter);
    const rowsOfA = Array.from({ length: adapter.rank }, (_, r) => a(r));
    // Where its vectors are listed, its greatest rank, its rank in the layer and DoRA, rows of A, gains, pages of B.
    const words = [3, adapter.rank, adapter.rank | (+adapter.dora << 16), ...rowsOfA, gains, ...pagesOfB];
    state.set(words, layout.adapters + adapter.descriptor);
  }
  let rankWidth = 0;
  blends.forEach((blend, slot) => {
    const at = layout.slots + slot * SLOT.words;
    state[at + SLOT.blendCount] = blend.length;
    blend.forEach(({ adapter, weight }, e) => {
      state[at + SLOT.blend + 2 * e] = ADAPTERS[adapter]!.descriptor;
      floats[at + SLOT.blend + 2 * e + 1] = weight;
    });
    const width = blend.reduce((sum, { adapter }) => sum + roundRank(ADAPTERS[adapter]!.rank), 0);
    rankWidth = Math.max(rankWidth, width);
    for (let i = 0; i < LENGTH; i++) state[layout.rows + (slot * LENGTH + i) * ROW.words + ROW.slot] = slot;
  });
  state[HEADER.rows] = blends.length * LENGTH;
  state[HEADER.rankWidth] = rankWidth;
  return { state, rankWidth };
}

export const wantedAt = (row: number, n: number): number => WANTED[row * OUTPUT + n]!;
