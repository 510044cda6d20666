// The accounts the embedded chain begins with: the CREATE2 deployer, and what is deployed before anyone opens the app.
// The deployment runs on a chain of its own; its outcome is kept, its account and blocks are not.

import { createWalletClient, custom, numberToHex, parseEther, type EIP1193Provider } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { embedded } from '#lib/chain/chains.ts';
import { createChain } from '#lib/chain/embedded/chain.ts';
import { CREATE2_DEPLOYER, type Genesis } from '#lib/chain/embedded/genesis.ts';
import { createNode } from '#lib/chain/embedded/node.ts';
import { createMemoryStore } from '#lib/chain/embedded/persist.ts';
import { createProvider, type EmbeddedProvider } from '#lib/chain/embedded/provider.ts';
import type { AccountDump } from '#lib/chain/embedded/state-dump.ts';

/** 1 January 2026, 00:00 UTC: before any clock the app will run under. */
const TIMESTAMP = 1_767_225_600;

/** Everyone knows this key, so it must keep nothing: no role, no token, no coin. */
const DEPLOYER = privateKeyToAccount(numberToHex(1, { size: 32 }));

const bare: Genesis = {
  format: 'payable/genesis@1',
  chainId: embedded.id,
  timestamp: TIMESTAMP,
  accounts: [CREATE2_DEPLOYER],
};

const walletOf = (provider: EmbeddedProvider) =>
  createWalletClient({
    account: DEPLOYER,
    chain: embedded,
    transport: custom(provider as unknown as EIP1193Provider, { retryCount: 0 }),
    pollingInterval: 1,
  });

export type DeployerWallet = ReturnType<typeof walletOf>;

/**
 * The genesis that `deploy` leaves behind. Its block values are fixed, so the same deployment gives the same bytes.
 * Accounts without code are dropped: the deployer's, and the one fees went to.
 */
export async function genesisAfter(deploy: (wallet: DeployerWallet) => Promise<void>): Promise<Genesis> {
  const deployer: AccountDump = {
    address: DEPLOYER.address.toLowerCase() as `0x${string}`,
    nonce: '0x0',
    balanceWei: numberToHex(parseEther('1000')),
    code: '0x',
    storage: [],
  };
  const accounts = [CREATE2_DEPLOYER, deployer].sort((a, b) => (a.address < b.address ? -1 : 1));
  const start: Genesis = { ...bare, accounts };
  const store = createMemoryStore();
  await deploy(walletOf(createProvider(createNode({ genesis: start, store, now: () => TIMESTAMP * 1000 }))));

  const chain = await createChain(start, await store.load());
  return {
    ...bare,
    // Contracts may hold the time of their deployment; block 0 is not before it.
    timestamp: Number(chain.head().header.timestamp),
    accounts: chain.dump().accounts.filter(({ code }) => code !== '0x'),
  };
}

/** What the app ships. */
export const buildGenesis = (): Promise<Genesis> => genesisAfter(async () => undefined);
