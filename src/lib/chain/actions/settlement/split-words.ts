// Describes how a payment to a model is split, from its terms and the protocol fee.

import { splitPayment, type PaymentSplit } from '#lib/formats/payment/payment-split.ts';
import { modelRegistryAbi } from '../../abi/model-registry.ts';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import type { Address } from 'viem';

/**
 * How the contracts would split `grossWei` now.
 *
 * @example
 * import { parseEther, formatEther } from 'viem';
 * import { quoteSplit } from '#lib/chain/actions/settlement/split-words.ts';
 *
 * const { devWei, dataWei } = await quoteSplit(chain, 7n, parseEther('0.1'));
 * show(`${formatEther(devWei)} OPEN to the maker, ${formatEther(dataWei)} OPEN to contributors`);
 */
export async function quoteSplit(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  model: bigint,
  grossWei: bigint,
): Promise<PaymentSplit & { payout: Address }> {
  const registry = { address: addresses.ModelRegistry, abi: modelRegistryAbi } as const;
  const settlement = { address: addresses.Settlement, abi: settlementAbi } as const;
  const [terms, feeBps] = await Promise.all([
    read.readContract({ ...registry, functionName: 'termsOf', args: [model] }),
    read.readContract({ ...settlement, functionName: 'feeBps' }),
  ]);
  return { ...splitPayment(grossWei, { feeBps, ...terms }), payout: terms.payout };
}

export const splitWords = (
  { payout, devWei, dataWei, nodeWei, feeWei }: PaymentSplit & { payout: Address },
  node: Address,
): string =>
  `${inOpen(devWei)} to its maker ${payout}, ${inOpen(dataWei)} to contributors of data, ${inOpen(nodeWei)} to the node ${node}, ${inOpen(feeWei)} to the treasury`;
