// Withdraws stake after its seven days of notice.

import { encodeFunctionData } from 'viem';
import { nodeRegistryAbi } from '../../abi/node-registry.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { exitStake } from '#lib/chain/actions/staking/exit-stake.ts';
 * import { readStake } from '#lib/chain/reads/read-stake.ts';
 *
 * const { own, nowSeconds } = await readStake(chain, account);
 * if (own && own.exitingWei > 0n && own.exitAt <= nowSeconds) await run(await exitStake(chain));
 */
export async function exitStake(context: ChainContext): Promise<ActionPlan> {
  const { account } = await context.signer();
  const to = context.addresses.NodeRegistry;
  const node = { address: to, abi: nodeRegistryAbi, functionName: 'nodeOf', args: [account.address] } as const;
  const { exiting } = await context.read.readContract(node);
  const data = encodeFunctionData({ abi: nodeRegistryAbi, functionName: 'exit' });
  return planOf(context, 'exit-stake', `The registry of nodes pays ${inOpen(exiting)} back to you`, { to, data });
}
