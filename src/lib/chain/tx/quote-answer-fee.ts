// What the court and the InfluenceBook take as an answer fee now, with a margin for a base fee that rises before inclusion. What is
// paid too much is kept with the fee and comes back with it.

import type { Abi } from 'viem';
import { attributionCourtAbi } from '../abi/attribution-court.ts';
import { influenceBookAbi } from '../abi/influence-book.ts';
import type { ChainContext } from '../context.ts';

const ABIS = { AttributionCourt: attributionCourtAbi, InfluenceBook: influenceBookAbi } as const;

/** The fee follows the base fee, which rises by an eighth per block: half more lasts three full blocks. */
const withMargin = (feeWei: bigint): bigint => (feeWei * 3n) / 2n;

/**
 * Wei of native money.
 *
 * @example
 * import { formatEther } from 'viem';
 * import { quoteAnswerFee } from '#lib/chain/tx/quote-answer-fee.ts';
 *
 * show(`A question costs ${formatEther(await quoteAnswerFee(chain, 'AttributionCourt'))} ETH`);
 */
export async function quoteAnswerFee(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  contract: keyof typeof ABIS,
): Promise<bigint> {
  const abi: Abi = ABIS[contract];
  // Calls have no base fee unless a price is named, so the two parts are read apart.
  const [postFee, { baseFeePerGas }] = await Promise.all([
    read.readContract({ address: addresses[contract], abi, functionName: 'postFee' }) as Promise<bigint>,
    read.getBlock(),
  ]);
  return withMargin(PRICED_GAS * (baseFeePerGas ?? 0n) + postFee);
}

/** `PRICED_GAS` of AnswerFees.sol. */
const PRICED_GAS = 4_000_000n;
