// Free coins for fees; in the sandbox only, where they are worth nothing.

import type { Address, Hex } from 'viem';
import type { ChainContext } from '../../context.ts';
import { BadInputError } from '../../input.ts';

/**
 * Credits coins to `to` in a new block. @returns the credited wei
 *
 * @example
 * import { formatEther } from 'viem';
 * import { faucet } from '#lib/chain/actions/sandbox/faucet.ts';
 *
 * const givenWei = await faucet(chain, account);
 * show(`${formatEther(givenWei)} ETH came in`);
 */
export async function faucet({ mode, read }: ChainContext, to: Address): Promise<bigint> {
  if (mode !== 'embedded') throw new BadInputError('The faucet', 'is part of the sandbox only');
  const given = await read.request<{ Method: 'payable_faucet'; Parameters: [Address]; ReturnType: { amountWei: Hex } }>(
    {
      method: 'payable_faucet',
      params: [to],
    },
  );
  return BigInt(given.amountWei);
}
