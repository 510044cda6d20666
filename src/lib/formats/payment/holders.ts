// The holders of a Datanet version: each account with the number and the tree of its rows, as in
// contracts/src/attribution/lib/RowCodec.sol.

import { sizedBytes, toHex, type Hex } from '#lib/core/bytes.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import { buildSumTree, type SumTree } from '#lib/core/merkle-sum.ts';
import { TAG } from './hash-tags.ts';
import { buildPlaceTree, placeLeaf, type PlaceTree } from './place-tree.ts';

export interface Holder {
  account: Hex;
  rows: number;
  /** Of the tree of its rows. */
  rowsRoot: Hex;
}

export interface HolderRows {
  account: Hex;
  /** sha256 of each row, in the order of the version. */
  rowLeaves: readonly Hex[];
}

/** The node of a row in its holder's tree. */
export const rowNode = (rowLeaf: Uint8Array): Uint8Array => placeLeaf(TAG.row, rowLeaf);

/** The tree over one holder's rows, in the order of the version. */
export const buildHolderRows = (rowLeaves: readonly Hex[]): PlaceTree =>
  buildPlaceTree(rowLeaves.map((leaf) => rowNode(sizedBytes(leaf, 32))));

const holderContent = ({ account, rowsRoot }: Holder): Hex =>
  toHex(keccak256(Uint8Array.of(TAG.holder), sizedBytes(account, 20), sizedBytes(rowsRoot, 32)));

/** The Merkle-sum tree whose root is published as the shares of a Datanet version; its sum are all rows with a holder. */
export const buildShares = (holders: readonly Holder[]): SumTree =>
  buildSumTree(holders.map((holder) => ({ content: holderContent(holder), amount: BigInt(holder.rows) })));
