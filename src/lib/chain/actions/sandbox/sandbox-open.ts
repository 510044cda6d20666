// OPEN to try things with, in the sandbox only: the party that holds the liquidity there sends some. Its key is public, so
// this is an ordinary transfer that any account could make.

import { createWalletClient, custom, encodeFunctionData, parseEther, type Address, type Hash } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { openTokenAbi } from '../../abi/open-token.ts';
import type { ChainContext } from '../../context.ts';
import { faucet } from './faucet.ts';
import { BadInputError } from '../../input.ts';

/** What one call gives. */
export const SANDBOX_OPEN_WEI = parseEther('1000');

/** The liquidity account of deploy/sandbox-parties.ts. */
const LIQUIDITY_INDEX = 6;
const PHRASE = 'test test test test test test test test test test test junk';

/**
 * @returns the hash of the transfer, which is in a block.
 *
 * @example
 * import { parseEther } from 'viem';
 * import { sandboxOpen } from '#lib/chain/actions/sandbox/sandbox-open.ts';
 *
 * const hash = await sandboxOpen(chain, account, parseEther('50'));
 * const { status } = await chain.read.getTransactionReceipt({ hash });
 */
export async function sandboxOpen(
  { mode, read, chain, addresses }: ChainContext,
  to: Address,
  amountWei = SANDBOX_OPEN_WEI,
): Promise<Hash> {
  if (mode !== 'embedded') throw new BadInputError('Free OPEN', 'is part of the sandbox only');
  const account = mnemonicToAccount(PHRASE, { addressIndex: LIQUIDITY_INDEX });
  if ((await read.getBalance({ address: account.address })) < parseEther('1')) {
    await faucet({ mode, read } as ChainContext, account.address);
  }
  const wallet = createWalletClient({ account, chain, transport: custom(read) });
  const data = encodeFunctionData({ abi: openTokenAbi, functionName: 'transfer', args: [to, amountWei] });
  return wallet.sendTransaction({ to: addresses.OpenToken, data });
}
