// Withdraws stake after its seven days of notice.

import { encodeFunctionData } from 'viem';
import { nodeRegistryAbi } from '../../abi/node-registry.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export async function exitStake(context: ChainContext): Promise<ActionPlan> {
  const { account } = await context.signer();
  const to = context.addresses.NodeRegistry;
  const node = { address: to, abi: nodeRegistryAbi, functionName: 'nodeOf', args: [account.address] } as const;
  const { exiting } = await context.read.readContract(node);
  const data = encodeFunctionData({ abi: nodeRegistryAbi, functionName: 'exit' });
  return planOf(context, 'exit-stake', `The registry of nodes pays ${inOpen(exiting)} back to you`, { to, data });
}
