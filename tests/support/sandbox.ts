// The sandbox as shipped, in memory: every contract deployed, and ways to get coins and tokens.

import { readFileSync } from 'node:fs';
import { createPublicClient, createWalletClient, custom, type Address } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import addresses from '#lib/chain/addresses.json' with { type: 'json' };
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { embedded } from '#lib/chain/chains.ts';
import { GENESIS_FILE } from '#lib/chain/embedded/genesis-file.ts';
import { readGenesis } from '#lib/chain/embedded/genesis.ts';
import { createNode } from '#lib/chain/embedded/node.ts';
import { createMemoryStore } from '#lib/chain/embedded/persist.ts';
import { createProvider } from '#lib/chain/embedded/provider.ts';

export const at = addresses as Record<keyof typeof addresses, Address>;

/** Holds the liquidity bucket in the sandbox; its key is public. */
const liquidity = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 6 });

export async function createSandbox(now: () => number = () => 1_800_000_000_000) {
  const genesis = await readGenesis(readFileSync(`static/${GENESIS_FILE.path}`), GENESIS_FILE.sha256);
  const node = createNode({ genesis, store: createMemoryStore(), now });
  const provider = createProvider(node);
  const transport = custom(provider, { retryCount: 0 });
  const around = { chain: embedded, transport, pollingInterval: 1 };
  const reader = createPublicClient(around);
  const giver = createWalletClient({ ...around, account: liquidity });
  const giveEther = (to: Address) => provider.request({ method: 'payable_faucet', params: [to] });
  return {
    node,
    transport,
    reader,
    giveEther,
    async giveOpen(to: Address, amountWei: bigint) {
      await giveEther(liquidity.address);
      const args = [to, amountWei] as const;
      await giver.writeContract({ address: at.OpenToken, abi: openTokenAbi, functionName: 'transfer', args });
    },
  };
}
