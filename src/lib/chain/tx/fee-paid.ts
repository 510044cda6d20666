// The cost of a transaction from its receipt: gas, and on an OP-Stack chain the L1 data fee and the operator fee. Makes no requests.

import type { TransactionReceipt } from 'viem';

/** As in the node's JSON, or parsed by viem for chains known to be of the OP Stack. */
type Quantity = bigint | `0x${string}` | null | undefined;

interface BelowReceipt {
  l1Fee?: Quantity;
  /** Since Isthmus. */
  operatorFeeScalar?: Quantity;
  operatorFeeConstant?: Quantity;
  /** Since Jovian, when the operator fee scalar is multiplied by 100 instead of divided by a million. */
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
