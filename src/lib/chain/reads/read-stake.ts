// Staking: the registry's rules and totals, and one account's stake.

import type { Address, Hex } from 'viem';
import { nodeRegistryAbi } from '../abi/node-registry.ts';
import { stakedOpenAbi } from '../abi/staked-open.ts';
import type { ChainContext } from '../context.ts';

export interface OwnNode {
  stakeWei: bigint;
  exitingWei: bigint;
  /** Seconds since 1970 from which `exitingWei` can be taken. */
  exitAt: bigint;
  /** Bit set; bit 0 is attesting. */
  caps: number;
  /** Null before the node was ever registered. */
  peerId: Hex | null;
  rewardWei: bigint;
}

export interface StakeFacts {
  nowSeconds: bigint;
  minNodeWei: bigint;
  minAttesterWei: bigint;
  exitDelaySeconds: bigint;
  totalStakedWei: bigint;
  /** Wei per second for all stakers together, until `rewardsEndAt`. */
  rewardRateWei: bigint;
  /** Seconds since 1970. */
  rewardsEndAt: bigint;
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
  const readOwn = async (node: Address): Promise<OwnNode> => {
    const [found, rewardWei] = await Promise.all([
      read.readContract({ ...registry, functionName: 'nodeOf', args: [node] }),
      read.readContract({ ...registry, functionName: 'rewardOf', args: [node] }),
    ]);
    return {
      stakeWei: found.stake,
      exitingWei: found.exiting,
      exitAt: BigInt(found.exitAt),
      caps: found.caps,
      peerId: BigInt(found.peerId) === 0n ? null : found.peerId,
      rewardWei,
    };
  };
  const [clock, minNodeWei, minAttesterWei, exitDelaySeconds, totalStakedWei, rewardRateWei, rewardsEndAt, own] =
    await Promise.all([
      read.readContract({ ...staked, functionName: 'clock' }),
      read.readContract({ ...registry, functionName: 'minNodeStake' }),
      read.readContract({ ...registry, functionName: 'minAttesterStake' }),
      read.readContract({ ...registry, functionName: 'EXIT_DELAY' }),
      read.readContract({ ...staked, functionName: 'totalSupply' }),
      read.readContract({ ...registry, functionName: 'rewardRate' }),
      read.readContract({ ...registry, functionName: 'streamEndsAt' }),
      account ? readOwn(account) : null,
    ]);
  return {
    nowSeconds: BigInt(clock),
    minNodeWei,
    minAttesterWei,
    exitDelaySeconds,
    totalStakedWei,
    rewardRateWei,
    rewardsEndAt,
    own,
  };
}
