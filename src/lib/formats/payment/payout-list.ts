// The list that pays a pot: words `account << 96 | amount`, accounts strictly ascending; its rule, root and sum are those of
// contracts/src/attribution/lib/PayoutList.sol.

import { toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { TAG } from './hash-tags.ts';
import { buildPlaceTree, placeLeaf, type PlaceTree } from './place-tree.ts';

/** An account is listed if it gets at least a 1,024th of the pool, so a list has at most this many accounts. */
export const MOST_PAYOUTS = 1024;

export interface Payout {
  account: Hex;
  amountWei: bigint;
}

/** Whether an account with this amount belongs in the list of a pot. */
export const isListed = (amountWei: bigint, poolWei: bigint): boolean =>
  amountWei > 0n && amountWei * BigInt(MOST_PAYOUTS) >= poolWei;

/** Whether an account can be paid by a list: neither zero nor the ledger itself. */
export const isPayable = (account: Hex, ledger: Hex): boolean =>
  BigInt(account) !== 0n && BigInt(account) !== BigInt(ledger);

/** @throws OutOfRangeError for an amount beyond 96 bits */
export const packPayout = ({ account, amountWei }: Payout): bigint =>
  BigInt(toHex(Uint8Array.of(...uintBytes(BigInt(account), 20), ...uintBytes(amountWei, 12))));

export const readPayout = (word: bigint): Payout => ({
  account: toHex(uintBytes(BigInt.asUintN(160, word >> 96n), 20)),
  amountWei: BigInt.asUintN(96, word),
});

/** The node of a word in the list's tree. */
export const payoutNode = (word: bigint): Uint8Array => placeLeaf(TAG.payout, uintBytes(word, 32));

/** The tree whose root becomes final; zero over no words. */
export const buildPayoutTree = (words: readonly bigint[]): PlaceTree => buildPlaceTree(words.map(payoutNode));
