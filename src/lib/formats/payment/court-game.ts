// A game before the AttributionCourt: its state, the answers of a proposer and the picks of a challenger. Names and shapes are those
// of contracts/src/interfaces/{IAttributionCourt,IInfluenceBook}.sol, so that they are passed on as they are.

import type { Hex } from '#lib/core/bytes.ts';
import type { PotRecord } from './pot.ts';

/** `Level` of the court: what a game asks about now. */
export const LEVEL = {
  redemptions: 0,
  lines: 1,
  calls: 2,
  range: 3,
  call: 4,
  entries: 5,
  entry: 6,
  row: 7,
} as const;

/** Most numbers of an answer; of more calls, each number stands for a range. */
const MOST_NUMBERS = 256;

/** How many calls a number stands for. */
export const callsPerNumber = (calls: number): number => (calls <= MOST_NUMBERS ? 1 : Math.ceil(calls / MOST_NUMBERS));

/** What a proposal records of an influence commitment. */
export interface InfluenceValues {
  root: Hex;
  rows: number;
  threshold: number;
}

export interface ProposalMeta {
  id: bigint;
  proposer: Hex;
  version: bigint;
  round: number;
  acc: Hex;
  draft: { pool: bigint; keep: bigint; total: bigint; size: number; root: Hex };
  values: InfluenceValues;
  deposit: bigint;
}

export interface GameTurn {
  meta: Hex;
  account: Hex;
  isUnlisted: boolean;
  isRowAsked: boolean;
  level: number;
  amount: bigint;
  lo: number;
  count: number;
  acc: Hex;
  gross: bigint;
  pool: bigint;
  lineAmount: bigint;
  calls: number;
  said: Hex;
  fee: bigint;
}

/** Names a game and passes its state in. */
export interface GameMove {
  game: bigint;
  meta: ProposalMeta;
  turn: GameTurn;
}

/** Where an account stands in the posted list, or the words on both sides of where it would stand. */
export interface ListPlace {
  isListed: boolean;
  amount: bigint;
  index: bigint;
  path: Hex[];
  left: bigint;
  leftPath: Hex[];
  right: bigint;
  rightPath: Hex[];
}

/** Where a row comes from. */
export interface RowOrigin {
  parent: bigint;
  refs: bigint[];
  ref: bigint;
  rowsRoot: Hex;
  rows: number;
  index: bigint;
  path: Hex[];
  place: bigint;
  siblings: Hex[];
  sums: bigint[];
}

/** A row with its path in the influence tree and its origin. */
export interface ShownRow {
  row: {
    rowLeaf: Hex;
    cluster: number;
    contributor: Hex;
    datanet: bigint;
    version: number;
    scale: number;
    vector: Hex;
  };
  path: Hex[];
  origin: RowOrigin;
}

/** A leaf of a line's receipts, or an empty place behind the last one. */
export interface CallLeaf {
  isEmpty: boolean;
  receipt: Hex;
  vectorHash: Hex;
  cost: bigint;
  siblings: Hex[];
  sums: bigint[];
}

/** What a proposer says, by the name of the court's function. */
export type CourtAnswer =
  | { name: 'answerRedemptions'; numbers: bigint[] }
  | { name: 'answerLines'; records: PotRecord[]; numbers: bigint[] }
  | { name: 'answerCalls'; lines: { receipts: Hex; terms: bigint }[]; numbers: bigint[] }
  | { name: 'answerRange'; numbers: bigint[] }
  | { name: 'openCall'; leaf: CallLeaf; vector: Hex; entries: bigint[] }
  | { name: 'showEntry'; vector: Hex; shown: ShownRow }
  | { name: 'showRow'; shown: ShownRow };

/** What a challenger says, by the name of the court's function. */
export type CourtPick =
  | { name: 'pick'; numbers: bigint[]; index: number }
  | { name: 'pickEntry'; entries: bigint[]; index: number }
  | { name: 'pickRow'; index: number }
  | { name: 'omitted'; entries: bigint[]; vector: Hex; index: number; shown: ShownRow };
