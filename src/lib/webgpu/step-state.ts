// The one small u32 buffer every kernel of a step reads: which rows run, which sequence each belongs to,
// where its keys and values lie, which adapters it uses. Word offsets only.

import { constants } from './kernel.ts';

/** In a row's token or position: take it from the sequence's slot, where the sampler left it. */
export const FROM_SLOT = 0xffff_ffff;
/** Adapters one sequence may blend. */
export const MAX_BLEND = 8;
/** Keys and values are stored in blocks of this many tokens. */
export const BLOCK_TOKENS = 16;

/** `drafts`: 1 where some row runs a token that was only proposed; `accept-drafts` then fills the slots, not the sampler. */
export const HEADER = { rows: 0, rankWidth: 1, outputs: 2, drafts: 3 } as const;
/** `angles`: where the row's rotations begin, for layers in which the length of a prompt decides them. */
export const ROW = { token: 0, position: 1, slot: 2, angles: 3, words: 4 } as const;
export const SLOT = {
  token: 0,
  position: 1,
  temperature: 2,
  topK: 3,
  topP: 4,
  minP: 5,
  repetition: 6,
  presence: 7,
  frequency: 8,
  seed: 9,
  /** How many of the most likely tokens to report with each draw. */
  topCount: 10,
  /** 1: the `constrain` kernel fills this sequence's row of biases before the sampler runs. */
  constrained: 11,
  blendCount: 12,
  blend: 13,
  words: 13 + 2 * MAX_BLEND,
} as const;

export interface StepSizes {
  maxRows: number;
  maxSlots: number;
  /** KV blocks one sequence may hold. */
  maxBlocks: number;
  layers: number;
  /** Projections of a layer that an adapter may change. */
  targets: number;
  /** Words for adapter descriptors. */
  adapterWords: number;
  /** Elements of one page of the adapter pool. */
  pageElements: number;
}

export interface StepLayout extends StepSizes {
  rows: number;
  outputs: number;
  slots: number;
  blocks: number;
  adapters: number;
  words: number;
}

export function stepLayout(sizes: StepSizes): StepLayout {
  const rows = 16;
  const outputs = rows + sizes.maxRows * ROW.words;
  const slots = outputs + sizes.maxRows;
  const blocks = slots + sizes.maxSlots * SLOT.words;
  const adapters = blocks + sizes.maxSlots * sizes.maxBlocks;
  return { ...sizes, rows, outputs, slots, blocks, adapters, words: adapters + sizes.adapterWords };
}

/**
 * An adapter's descriptor, at a word offset in the `adapters` region:
 * per target {offset of its vector list, greatest rank}, then per layer and target `rank | dora << 16`,
 * then for each target element addresses in the pool: its rows of A, the DoRA gain (0 where there is none), and the pages
 * of B. A row of B holds the greatest rank rounded up to four; a page holds as many whole rows as fit, a multiple of four.
 */
export const DESCRIPTOR = {
  target: 0,
  ranks: (targets: number): number => 2 * targets,
  vectors: (targets: number, layers: number): number => (2 + layers) * targets,
} as const;

/** Ranks are read four at a time: every adapter's share of a row's z is rounded up to that, the rest being 0. */
export const roundRank = (rank: number): number => Math.ceil(rank / 4) * 4;

/** Rows of B on a page. Four rows from a multiple of four on share one, so that kernels look it up once. */
export const rowsPerPage = (greatestRank: number, pageElements: number): number =>
  Math.floor(pageElements / roundRank(greatestRank) / 4) * 4;

/** The numbers kernels need to find their way, as KernelParams. */
export type StepParams = {
  rowsAt: number;
  outputsAt: number;
  slotsAt: number;
  blocksAt: number;
  adaptersAt: number;
  maxBlocks: number;
  pageElements: number;
  targets: number;
};

export function stepParams(layout: StepLayout): StepParams {
  return {
    rowsAt: layout.rows,
    outputsAt: layout.outputs,
    slotsAt: layout.slots,
    blocksAt: layout.blocks,
    adaptersAt: layout.adapters,
    maxBlocks: layout.maxBlocks,
    pageElements: layout.pageElements,
    targets: layout.targets,
  };
}

/** WGSL that names the same offsets. */
export function stepConstants(params: StepParams): string {
  return constants({
    ROWS_AT: params.rowsAt,
    OUTPUTS_AT: params.outputsAt,
    SLOTS_AT: params.slotsAt,
    BLOCKS_AT: params.blocksAt,
    ADAPTERS_AT: params.adaptersAt,
    MAX_BLOCKS: params.maxBlocks,
    PAGE_VECTORS: params.pageElements / 4,
    ROW_COUNT: HEADER.rows,
    RANK_WIDTH: HEADER.rankWidth,
    OUTPUT_COUNT: HEADER.outputs,
    DRAFTS: HEADER.drafts,
    ROW_WORDS: ROW.words,
    ROW_SLOT: ROW.slot,
    SLOT_WORDS: SLOT.words,
    SLOT_POSITION: SLOT.position,
    BLEND_COUNT: SLOT.blendCount,
    BLEND: SLOT.blend,
    TARGETS: params.targets,
    DESCRIPTOR_RANKS: DESCRIPTOR.ranks(params.targets),
    BLOCK_TOKENS,
    FROM_SLOT,
  });
}
