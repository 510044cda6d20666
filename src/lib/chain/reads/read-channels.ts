// Channels of one payer in the Settlement, each identified by node and session key.

import type { Address } from 'viem';
import { stakedOpenAbi } from '../abi/staked-open.ts';
import { readChannel } from '../vouchers/channel.ts';
import type { ChainContext } from '../context.ts';

export interface ChannelEnds {
  node: Address;
  signer: Address;
}

export interface OwnChannel extends ChannelEnds {
  depositWei: bigint;
  redeemedWei: bigint;
  /** `missing` when it was never opened. */
  state: 'missing' | 'open' | 'closing' | 'closed';
  /** Seconds since 1970 from which it can be closed; 0 before a close is requested. */
  closeAt: bigint;
}

export interface ChannelFacts {
  nowSeconds: bigint;
  channels: readonly OwnChannel[];
}

const CLOSED = (1n << 64n) - 1n;

/**
 * @example
 * import { formatEther } from 'viem';
 * import { readChannels } from '#lib/chain/reads/read-channels.ts';
 *
 * const { channels } = await readChannels(chain, account, [{ node, signer: sessionKey }]);
 * for (const { depositWei, redeemedWei } of channels) show(`${formatEther(depositWei - redeemedWei)} OPEN left`);
 */
export async function readChannels(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  payer: Address,
  ends: readonly ChannelEnds[],
): Promise<ChannelFacts> {
  const clock = { address: addresses.StakedOpen, abi: stakedOpenAbi, functionName: 'clock' } as const;
  const [now, ...found] = await Promise.all([
    read.readContract(clock),
    ...ends.map((one) => readChannel({ read, addresses }, payer, one)),
  ]);
  const channels = found.map(({ deposit, redeemed, closeAt }, at): OwnChannel => ({
    ...ends[at]!,
    depositWei: deposit,
    redeemedWei: redeemed,
    state: closeAt === CLOSED ? 'closed' : closeAt !== 0n ? 'closing' : deposit === 0n ? 'missing' : 'open',
    closeAt: closeAt === CLOSED ? 0n : closeAt,
  }));
  return { nowSeconds: BigInt(now), channels };
}
