// Votes for trying governance, in the sandbox only: investors and team delegate what vests for them. Their keys are public, so any
// account could do the same.

import { createWalletClient, custom, encodeFunctionData, parseEther, type Address } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { genesisAbi } from '../../abi/genesis.ts';
import { votingWalletAbi } from '../../abi/voting-wallet.ts';
import type { ChainContext } from '../../context.ts';
import { rejected } from '../../errors.ts';
import { BadInputError } from '../../input.ts';
import { faucet } from './faucet.ts';
import { SANDBOX_PHRASE } from './sandbox-open.ts';

/** The accounts of deploy/sandbox-parties.ts, and their buckets in the Genesis contract. */
const PARTIES = [
  { addressIndex: 4, bucket: 2 },
  { addressIndex: 5, bucket: 3 },
] as const;

/** Estimates are too low where the transaction lands in a later second than its estimate: a new second is a new entry of the history of votes. */
const GAS = 500_000n;

/**
 * Delegates 332,900,000 votes to `to`: enough to propose, and for the quorum.
 *
 * @example
 * import { sandboxVotes } from '#lib/chain/actions/sandbox/sandbox-votes.ts';
 *
 * await sandboxVotes(chain, account);
 */
export async function sandboxVotes({ mode, read, chain, addresses }: ChainContext, to: Address): Promise<void> {
  if (mode !== 'embedded') throw new BadInputError('Votes to try', 'are part of the sandbox only');
  const buckets = await read.readContract({ address: addresses.Genesis, abi: genesisAbi, functionName: 'buckets' });
  for (const { addressIndex, bucket } of PARTIES) {
    const account = mnemonicToAccount(SANDBOX_PHRASE, { addressIndex });
    if ((await read.getBalance({ address: account.address })) < parseEther('1')) {
      await faucet({ mode, read } as ChainContext, account.address);
    }
    const wallet = createWalletClient({ account, chain, transport: custom(read) });
    const args = [addresses.OpenToken, to] as const;
    const data = encodeFunctionData({ abi: votingWalletAbi, functionName: 'delegate', args });
    const hash = await wallet.sendTransaction({ to: buckets[bucket].holder, data, gas: GAS });
    const { status } = await read.waitForTransactionReceipt({ hash });
    if (status !== 'success') throw rejected(`delegating the votes of bucket ${bucket} failed in ${hash}`);
  }
}
