// Nodes: the registry's rules and totals, the running round of rewards, and one account's stake and work.

import type { Address, Hex } from 'viem';
import { nodeRegistryAbi } from '../abi/node-registry.ts';
import { stakedOpenAbi } from '../abi/staked-open.ts';
import { workRewardsAbi } from '../abi/work-rewards.ts';
import type { ChainContext } from '../context.ts';

/** As `WorkRewards` has it. */
const ROUND_SECONDS = 604_800n;

export interface OwnNode {
  stakeWei: bigint;
  exitingWei: bigint;
  /** Seconds since 1970 from which `exitingWei` can be taken. */
  exitAt: bigint;
  /** Bit set of what the node says that it offers. */
  caps: number;
  /** Null before the node was ever registered. */
  peerId: Hex | null;
  rewardWei: bigint;
  /** Fees that calls to it have paid and that it has not counted yet. */
  uncountedWei: bigint;
}

export interface StakeFacts {
  nowSeconds: bigint;
  minNodeWei: bigint;
  exitDelaySeconds: bigint;
  totalStakedWei: bigint;
  /** The running round: a node is given its part of at most `budgetWei`, by work, and half of its work at most. */
  round: { budgetWei: bigint; workWei: bigint; endsAt: bigint };
  own: OwnNode | null;
}

/**
 * @example
 * import { readStake } from '#lib/chain/reads/read-stake.ts';
 *
 * const { own, minNodeWei } = await readStake(chain, account);
 * const isNode = own !== null && own.stakeWei >= minNodeWei;
 */
export async function readStake(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  account: Address | undefined,
): Promise<StakeFacts> {
  const registry = { address: addresses.NodeRegistry, abi: nodeRegistryAbi } as const;
  const staked = { address: addresses.StakedOpen, abi: stakedOpenAbi } as const;
  const rewards = { address: addresses.WorkRewards, abi: workRewardsAbi } as const;
  const readOwn = async (node: Address): Promise<OwnNode> => {
    const [found, rewardWei, uncountedWei] = await Promise.all([
      read.readContract({ ...registry, functionName: 'nodeOf', args: [node] }),
      read.readContract({ ...rewards, functionName: 'rewardOf', args: [node] }),
      read.readContract({ ...rewards, functionName: 'uncountedOf', args: [node] }),
    ]);
    return {
      stakeWei: found.stake,
      exitingWei: found.exiting,
      exitAt: BigInt(found.exitAt),
      caps: found.caps,
      peerId: BigInt(found.peerId) === 0n ? null : found.peerId,
      rewardWei,
      uncountedWei,
    };
  };
  const readRound = async () => {
    const number = await read.readContract({ ...rewards, functionName: 'roundNow' });
    const { budget, work } = await read.readContract({ ...rewards, functionName: 'roundOf', args: [number] });
    return { budgetWei: budget, workWei: work, endsAt: (number + 1n) * ROUND_SECONDS };
  };
  const [clock, minNodeWei, exitDelaySeconds, totalStakedWei, round, own] = await Promise.all([
    read.readContract({ ...staked, functionName: 'clock' }),
    read.readContract({ ...registry, functionName: 'minNodeStake' }),
    read.readContract({ ...registry, functionName: 'EXIT_DELAY' }),
    read.readContract({ ...staked, functionName: 'totalSupply' }),
    readRound(),
    account ? readOwn(account) : null,
  ]);
  return {
    nowSeconds: BigInt(clock),
    minNodeWei,
    exitDelaySeconds,
    totalStakedWei,
    round,
    own,
  };
}
