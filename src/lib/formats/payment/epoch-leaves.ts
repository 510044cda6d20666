// What the leaves of an epoch say, byte for byte as contracts/src/attribution/lib/EntryCodec.sol has them, and the chain
// of hashes that binds an epoch to what was paid in it. It encodes; what should be in a leaf is a rule of its own.

import { sizedBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import type { SumLeaf } from '#lib/core/merkle-sum.ts';

/** Most clusters that a call with a vector lists. */
export const TOP_CLUSTERS = 64;

export const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`;

export interface EpochCall {
  /** Hash of the receipt. */
  callId: Hex;
  model: bigint;
  version: number;
  /** Zero when no commitment is used; then nothing is listed. */
  influenceRoot: Hex;
  /** Zero for a flat call. */
  vectorHash: Hex;
  /** Taken off every raw weight. */
  threshold: bigint;
  /** Weights above it are all listed. */
  cutoff: bigint;
  sharesRoot: Hex;
  weightSum: bigint;
  count: number;
}

export interface EpochShare {
  cluster: Hex;
  account: Hex;
  /** Index of the row in the model version's influence tree. */
  row: number;
  /** Index of the entry that pays it. */
  entry: number;
}

export interface EpochEntry {
  account: Hex;
  /** Index of the call, and of the share in it. */
  call: number;
  slot: number;
  amountWei: bigint;
}

export interface EpochAccount {
  account: Hex;
  /** All it has earned since the beginning. */
  cumulativeWei: bigint;
}

const hashed = (...words: readonly Uint8Array[]): Hex => toHex(keccak256(...words));
const uintWord = (value: bigint | number): Uint8Array => uintBytes(value, 32);
const addressWord = (address: Hex): Uint8Array => uintWord(BigInt(toHex(sizedBytes(address, 20))));

export const callContent = (call: EpochCall): Hex =>
  hashed(
    sizedBytes(call.callId, 32),
    uintWord(call.model),
    uintWord(call.version),
    sizedBytes(call.influenceRoot, 32),
    sizedBytes(call.vectorHash, 32),
    uintWord(call.threshold),
    uintWord(call.cutoff),
    sizedBytes(call.sharesRoot, 32),
    uintWord(call.weightSum),
    uintWord(call.count),
  );

export const shareContent = ({ cluster, account, row, entry }: EpochShare): Hex =>
  hashed(sizedBytes(cluster, 32), addressWord(account), uintWord(row), uintWord(entry));

/** What entries are sorted by, and the content of their leaf. */
export const entryKey = ({ account, call, slot }: Omit<EpochEntry, 'amountWei'>): bigint =>
  (BigInt(account) << 64n) | (BigInt(call) << 32n) | BigInt(slot);

export const numberContent = (key: bigint): Hex => toHex(uintWord(key));

export const entryLeaf = (entry: EpochEntry): SumLeaf => ({
  content: numberContent(entryKey(entry)),
  amount: entry.amountWei,
});

/** A leaf of the accounts of the ledger, and of a season. */
export const accountLeaf = ({ account, cumulativeWei }: EpochAccount): SumLeaf => ({
  content: numberContent(BigInt(account)),
  amount: cumulativeWei,
});

/** One payment, as Settlement's events have it. */
export interface PaidReceipts {
  receipts: Hex;
  payer: Hex;
  amountWei: bigint;
}

/** `receiptsAcc` of an epoch after one more payment; it begins at zero. */
export const accumulateReceipts = (acc: Hex, { receipts, payer, amountWei }: PaidReceipts): Hex =>
  hashed(sizedBytes(acc, 32), sizedBytes(receipts, 32), addressWord(payer), uintWord(amountWei));
