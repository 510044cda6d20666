// Registers a node with a stake, or updates its entry and adds to the stake.

import { encodeFunctionData, zeroHash, type Hex } from 'viem';
import { nodeRegistryAbi } from '../../abi/node-registry.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { approvalFor } from '../token/approve.ts';
import { BadInputError, requireAmount } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface Stake {
  amountWei: bigint;
  /** Multihash digest of the node's libp2p peer id. */
  peerId: Hex;
  /** Bit set of the node's services; bit 0 is attesting. */
  caps: number;
}

/**
 * @example
 * import { stake } from '#lib/chain/actions/staking/stake.ts';
 * import { readStake } from '#lib/chain/reads/read-stake.ts';
 *
 * const { minNodeWei } = await readStake(chain, account);
 * await run(await stake(chain, { amountWei: minNodeWei, peerId: digest, caps: 0 }));
 */
export async function stake(context: ChainContext, { amountWei, peerId, caps }: Stake): Promise<ActionPlan> {
  requireAmount(amountWei, 'The stake');
  if (peerId.length !== 66 || peerId === zeroHash)
    throw new BadInputError('The peer id', 'must be 32 bytes, not all zero');
  if (!Number.isInteger(caps) || caps < 0 || caps > 0xffff) throw new BadInputError('The capabilities', 'are 16 bits');
  const to = context.addresses.NodeRegistry;
  const data = encodeFunctionData({ abi: nodeRegistryAbi, functionName: 'register', args: [amountWei, peerId, caps] });
  const before = await approvalFor(context, to, amountWei, 'as stake of your node');
  const explanation = `You stake ${inOpen(amountWei)} for a node; it stays yours and can leave after seven days of notice`;
  return planOf(context, 'stake', explanation, { to, data }, before);
}
