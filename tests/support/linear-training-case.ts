// One linear layer and two adapters of different ranks, as a case for training: weights, rows, and the state of a step over them.

import { createRng } from '#lib/core/rng.ts';
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

/** B of the second lies on two pages. `scale` is alpha / rank. */
export const ADAPTERS = [
  { ...{ rank: 3, scale: 2, descriptor: 0, pages: [2] }, rate: 0.02, clip: 5 },
  { ...{ rank: 5, scale: 0.5, descriptor: 16, pages: [3, 0, 1] }, rate: 0.05, clip: 0 },
];
export const OPTIMIZER = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.1 } as const;

const random = createRng(97);
const normals = (length: number, scale = 1) => Float32Array.from({ length }, () => random.normal() * scale);
export const planes = randomPlanes(random, 'q8', OUTPUT, INPUT / 32);
/** A as PEFT starts it, and B apart from zero, so that both learn in the first step. */
export const START = ADAPTERS.map(({ rank }) => ({ a: normals(rank * INPUT, 0.2), b: normals(OUTPUT * rank, 0.2) }));
export const X = normals(3 * LENGTH * INPUT);
export const WANTED = normals(3 * LENGTH * OUTPUT, 3);

export type Blend = readonly { adapter: number; weight: number }[];
export const [ALONE, OTHER, BOTH, NONE]: [Blend, Blend, Blend, Blend] = [
  [{ adapter: 0, weight: 1 }],
  [{ adapter: 1, weight: 1 }],
  [
    { adapter: 1, weight: 0.5 },
    { adapter: 0, weight: 0.75 },
  ],
  [],
];

const layout = stepLayout({
  ...{ maxRows: 16, maxSlots: 3, maxBlocks: 1, layers: 1, targets: 1, adapterWords: 64, pageElements: PAGE },
});
export const step = stepParams(layout);

/** Element of A[r, 0] and of B[n, 0]. A lies on the first page; B behind it or on pages of its own. */
export const placesOf = ({ rank, pages }: (typeof ADAPTERS)[0]) => {
  const [first, ...others] = pages.map((page) => page * PAGE) as [number, ...number[]];
  const rows = Math.floor(PAGE / roundRank(rank) / 4) * 4;
  const pagesOfB = others.length > 0 ? others : [first + rank * INPUT];
  return {
    pagesOfB,
    a: (r: number) => first + r * INPUT,
    b: (n: number) => pagesOfB[Math.floor(n / rows)]! + (n % rows) * roundRank(rank),
  };
};

export function stateOf(blends: readonly Blend[]) {
  const state = new Uint32Array(layout.words);
  const floats = new Float32Array(state.buffer);
  for (const adapter of ADAPTERS) {
    const { a, pagesOfB } = placesOf(adapter);
    const rowsOfA = Array.from({ length: adapter.rank }, (_, r) => a(r));
    // Where its vectors are listed, its greatest rank, its rank in the layer, rows of A, no gain, pages of B.
    const words = [3, adapter.rank, adapter.rank, ...rowsOfA, 0, ...pagesOfB];
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
