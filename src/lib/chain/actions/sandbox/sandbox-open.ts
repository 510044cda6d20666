// OPEN for trying the app, in the sandbox only: a transfer from the account that holds the liquidity there. Its key is public, so
// any account could make the same transfer.

import { createWalletClient, custom, encodeFunctionData, parseEther, type Address, type Hash } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { openTokenAbi } from '../../abi/open-token.ts';
import type { ChainContext } from '../../context.ts';
import { faucet } from './faucet.ts';
import { BadInputError } from '../../input.ts';

/** Amount per call. */
export const SANDBOX_OPEN_WEI = parseEther('1000');

/** The liquidity account of deploy/sandbox-parties.ts. */
const LIQUIDITY_INDEX = 6;
export const SANDBOX_PHRASE = 'test test test test test test test test test test test junk';

/**
 * @returns the hash of the included transfer
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
  const account = mnemonicToAccount(SANDBOX_PHRASE, { addressIndex: LIQUIDITY_INDEX });
  if ((await read.getBalance({ address: account.address })) < parseEther('1')) {
    await faucet({ mode, read } as ChainContext, account.address);
  }
  const wallet = createWalletClient({ account, chain, transport: custom(read) });
  const data = encodeFunctionData({ abi: openTokenAbi, functionName: 'transfer', args: [to, amountWei] });
  return wallet.sendTransaction({ to: addresses.OpenToken, data });
}
