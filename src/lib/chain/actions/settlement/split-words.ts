// Describes how a payment for a model version is split, from the terms in force now and the protocol fee.

import type { Address } from 'viem';
import { hashLineage, type ModelVersion } from '#lib/formats/payment/lineage.ts';
import { splitPayment, type PaymentSplit } from '#lib/formats/payment/payment-split.ts';
import { modelRegistryAbi } from '../../abi/model-registry.ts';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';

/** The lineage of a version without parent and references, which has no contributors. */
const NO_SOURCES = hashLineage({ parent: null, refs: [] });

/**
 * How the contracts would split `grossWei` now. The part for contributors includes what influence decides.
 *
 * @example
 * import { parseEther, formatEther } from 'viem';
 * import { quoteSplit } from '#lib/chain/actions/settlement/split-words.ts';
 *
 * const { devWei, dataWei } = await quoteSplit(chain, { model: 7n, version: 1 }, parseEther('0.1'));
 * show(`${formatEther(devWei)} OPEN to the maker, ${formatEther(dataWei)} OPEN to contributors`);
 */
export async function quoteSplit(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  { model, version }: ModelVersion,
  grossWei: bigint,
): Promise<PaymentSplit & { payout: Address }> {
  const registry = { address: addresses.ModelRegistry, abi: modelRegistryAbi } as const;
  const settlement = { address: addresses.Settlement, abi: settlementAbi } as const;
  const [[terms, lineage], feeBps] = await Promise.all([
    read.readContract({ ...registry, functionName: 'bookOf', args: [model, version] }),
    read.readContract({ ...settlement, functionName: 'feeBps' }),
  ]);
  const split = { ...splitPayment(grossWei, { feeBps, ...terms }), payout: terms.payout };
  if (lineage !== NO_SOURCES) return split;
  return { ...split, devWei: split.devWei + split.dataWei, dataWei: 0n };
}

export const splitWords = (
  { payout, devWei, dataWei, nodeWei, feeWei }: PaymentSplit & { payout: Address },
  node: Address,
): string =>
  `${inOpen(devWei)} to its maker ${payout}, ${inOpen(dataWei)} to contributors of data, ${inOpen(nodeWei)} to the node ${node}, ${inOpen(feeWei)} to the treasury`;
