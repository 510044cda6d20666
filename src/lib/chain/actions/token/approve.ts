// Approves an exact amount of OPEN for a contract or account, or revokes the approval. Never an unlimited amount.

import { encodeFunctionData, type Address } from 'viem';
import { openTokenAbi } from '../../abi/open-token.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { shortHex } from '../../words/short-words.ts';
import { BadInputError, requireAddress } from '../../input.ts';
import { planOf, type ActionPlan, type Step } from '../../tx/plan.ts';

const MAX_WEI = 10n ** 27n;

/** Shows the product's contracts by name. */
function spenderWords(addresses: ChainContext['addresses'], spender: Address): string {
  const name = Object.entries(addresses).find(([, address]) => address === spender)?.[0];
  return name === undefined ? spender : `${name} (${shortHex(spender)})`;
}

const stepOf = ({ addresses }: ChainContext, spender: Address, amountWei: bigint, why: string): Step => ({
  verb: 'approve',
  explanation:
    amountWei === 0n
      ? `${spenderWords(addresses, spender)} may take none of your OPEN any more`
      : `${spenderWords(addresses, spender)} may take ${inOpen(amountWei)} of yours${why}`,
  to: addresses.OpenToken,
  data: encodeFunctionData({ abi: openTokenAbi, functionName: 'approve', args: [spender, amountWei] }),
  valueWei: 0n,
});

/**
 * `amountWei` 0 revokes.
 *
 * @example
 * import { parseEther } from 'viem';
 * import { approve } from '#lib/chain/actions/token/approve.ts';
 *
 * const { Settlement } = chain.addresses;
 * await run(await approve(chain, Settlement, parseEther('20')));
 * // Later: takes the right back.
 * await run(await approve(chain, Settlement, 0n));
 */
export async function approve(context: ChainContext, spender: string, amountWei: bigint): Promise<ActionPlan> {
  if (amountWei < 0n || amountWei > MAX_WEI) throw new BadInputError('The amount', 'must lie between 0 and the supply');
  const { verb, explanation, ...call } = stepOf(context, requireAddress(spender, 'The spender'), amountWei, '');
  return planOf(context, verb, explanation, call);
}

/** The approval that a later step needs, unless it exists. */
export async function approvalFor(
  context: ChainContext,
  spender: Address,
  amountWei: bigint,
  why: string,
): Promise<Step[]> {
  const { account } = await context.signer();
  const allowed = await context.read.readContract({
    address: context.addresses.OpenToken,
    abi: openTokenAbi,
    functionName: 'allowance',
    args: [account.address, spender],
  });
  return allowed >= amountWei ? [] : [stepOf(context, spender, amountWei, ` ${why}`)];
}
