// Encodes the leaves of an epoch, byte for byte like contracts/src/attribution/lib/EntryCodec.sol, and the hash chain that binds
// an epoch to its payments. Computing what goes into a leaf is left to the caller.

import { sizedBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import type { SumLeaf } from '#lib/core/merkle-sum.ts';

/** Listed clusters per call with a vector. */
export const TOP_CLUSTERS = 64;

export const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`;

export interface EpochCall {
  /** Hash of the receipt. */
  callId: Hex;
  model: bigint;
  version: number;
  /** Zero when the call uses no commitment; then no rows are listed. */
  influenceRoot: Hex;
  /** Zero for a flat call. */
  vectorHash: Hex;
  /** Subtracted from every raw weight. */
  threshold: bigint;
  /** All weights above it are listed. */
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
  /** Index of the entry that pays the row. */
  entry: number;
}

export interface EpochEntry {
  account: Hex;
  /** Index of the call, and of the share within it. */
  call: number;
  slot: number;
  amountWei: bigint;
}

export interface EpochAccount {
  account: Hex;
  /** Earnings since the beginning. */
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

/** Sort key of an entry, and the content of its leaf. */
export const entryKey = ({ account, call, slot }: Omit<EpochEntry, 'amountWei'>): bigint =>
  (BigInt(account) << 64n) | (BigInt(call) << 32n) | BigInt(slot);

export const numberContent = (key: bigint): Hex => toHex(uintWord(key));

export const entryLeaf = (entry: EpochEntry): SumLeaf => ({
  content: numberContent(entryKey(entry)),
  amount: entry.amountWei,
});

/** Leaf of an account in the ledger or in a season. */
export const accountLeaf = ({ account, cumulativeWei }: EpochAccount): SumLeaf => ({
  content: numberContent(BigInt(account)),
  amount: cumulativeWei,
});

/** One payment, as in Settlement's events. */
export interface PaidReceipts {
  receipts: Hex;
  payer: Hex;
  amountWei: bigint;
}

/** `receiptsAcc` of an epoch after one more payment; it starts at zero. */
export const accumulateReceipts = (acc: Hex, { receipts, payer, amountWei }: PaidReceipts): Hex =>
  hashed(sizedBytes(acc, 32), sizedBytes(receipts, 32), addressWord(payer), uintWord(amountWei));
