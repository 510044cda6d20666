// The receipts of a voucher's line: a Merkle-sum tree with a leaf for each call, as in contracts/src/attribution/lib/RowCodec.sol.
// Payer and node sign its root, so both say what each call cost.

import { sizedBytes, toHex, type Hex } from '#lib/core/bytes.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import { buildSumTree, type SumTree } from '#lib/core/merkle-sum.ts';
import { TAG } from './hash-tags.ts';

export interface CallReceipt {
  /** Hash of the receipt, which is salted: it says nothing about question or answer. */
  receipt: Hex;
  /** Hash of the call's vector; zero for a call without influence. */
  vectorHash: Hex;
  costWei: bigint;
}

const receiptContent = ({ receipt, vectorHash }: Omit<CallReceipt, 'costWei'>): Hex =>
  toHex(keccak256(Uint8Array.of(TAG.receipt), sizedBytes(receipt, 32), sizedBytes(vectorHash, 32)));

/**
 * The tree of a line that counts `places` calls; those behind the last receipt are empty.
 * @throws OutOfRangeError for a hash that is none, or costs that do not fit into 128 bits
 */
export const buildReceipts = (calls: readonly CallReceipt[], places = calls.length): SumTree =>
  buildSumTree(
    calls.map((call) => ({ content: receiptContent(call), amount: call.costWei })),
    places,
  );
