// Identifies a channel and reads its state.

import type { Address } from 'viem';
import { settlementAbi } from '../abi/settlement.ts';
import type { ChainContext } from '../context.ts';
import { requireAddress } from '../input.ts';

export interface ChannelOf {
  node: string;
  /** Address of the session key. */
  signer: string;
}

export const requireChannel = ({ node, signer }: ChannelOf): { node: Address; signer: Address } => ({
  node: requireAddress(node, 'The node'),
  signer: requireAddress(signer, 'The session key'),
});

export interface Channel {
  deposit: bigint;
  redeemed: bigint;
  /** 0 while it is open; the largest uint64 once it is closed. */
  closeAt: bigint;
}

export const readChannel = (
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  payer: Address,
  { node, signer }: { node: Address; signer: Address },
): Promise<Channel> => {
  const args = [payer, node, signer] as const;
  return read.readContract({ address: addresses.Settlement, abi: settlementAbi, functionName: 'channelOf', args });
};
