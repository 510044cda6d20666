// Requests to withdraw part or all of a node's stake.

import { encodeFunctionData } from 'viem';
import { nodeRegistryAbi } from '../../abi/node-registry.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { requireAmount } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { requestExit } from '#lib/chain/actions/staking/request-exit.ts';
 * import { readStake } from '#lib/chain/reads/read-stake.ts';
 *
 * const { own } = await readStake(chain, account);
 * if (own) await run(await requestExit(chain, own.stakeWei));
 */
export async function requestExit(context: ChainContext, amountWei: bigint): Promise<ActionPlan> {
  requireAmount(amountWei);
  const data = encodeFunctionData({ abi: nodeRegistryAbi, functionName: 'requestExit', args: [amountWei] });
  const explanation = `You take ${inOpen(amountWei)} out of your stake: its votes end now, it is paid out in seven days`;
  return planOf(context, 'request-exit', explanation, { to: context.addresses.NodeRegistry, data });
}
