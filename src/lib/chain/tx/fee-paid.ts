// What a receipt says a transaction has cost: its gas, and on an OP-Stack chain its data on the layer below and the
// operator's part. It quotes nothing and makes no request.

import type { TransactionReceipt } from 'viem';

/** As the node wrote them, or read by viem where the chain is known to be of the OP Stack. */
type Quantity = bigint | `0x${string}` | null | undefined;

interface BelowReceipt {
  l1Fee?: Quantity;
  /** From Isthmus on. */
  operatorFeeScalar?: Quantity;
  operatorFeeConstant?: Quantity;
  /** From Jovian on, where the operator's scalar counts a hundred whole wei instead of millionths. */
  daFootprintGasScalar?: Quantity;
}

export function feePaidWei(receipt: TransactionReceipt): bigint {
  const { gasUsed, effectiveGasPrice } = receipt;
  const below = receipt as TransactionReceipt & BelowReceipt;
  const scaled = gasUsed * BigInt(below.operatorFeeScalar ?? 0n);
  const isJovian = below.daFootprintGasScalar !== undefined && below.daFootprintGasScalar !== null;
  const operatorWei = (isJovian ? scaled * 100n : scaled / 1_000_000n) + BigInt(below.operatorFeeConstant ?? 0n);
  return gasUsed * effectiveGasPrice + BigInt(below.l1Fee ?? 0n) + operatorWei;
}
