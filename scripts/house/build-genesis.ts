// The embedded chain's initial accounts: the CREATE2 deployer, and everything deployed before the app is opened. The deployment
// runs on a temporary chain; its resulting state is kept, without its account and blocks.

import { createPublicClient, createWalletClient, custom, numberToHex, parseEther, type EIP1193Provider } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { embedded } from '#lib/chain/chains.ts';
import code from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import oracle from '#lib/chain/deploy/l1-fee-oracle.json' with { type: 'json' };
import { planDeployment, type CreationCode } from '#lib/chain/deploy/plan.ts';
import { runDeployment } from '#lib/chain/deploy/run.ts';
import { SANDBOX_PARTIES } from '#lib/chain/deploy/sandbox-parties.ts';
import { createChain } from '#lib/chain/embedded/chain.ts';
import { CREATE2_DEPLOYER, type Genesis } from '#lib/chain/embedded/genesis.ts';
import { createNode } from '#lib/chain/embedded/node.ts';
import { createMemoryStore } from '#lib/chain/embedded/persist.ts';
import { createProvider, type EmbeddedProvider } from '#lib/chain/embedded/provider.ts';
import type { AccountDump } from '#lib/chain/embedded/state-dump.ts';

/** 1 January 2026, 00:00 UTC: before any clock the app will run under. */
const TIMESTAMP = 1_767_225_600;

/** The sandbox's founder. Its key is public, so it must keep nothing: no role, no token, no coin. */
const DEPLOYER = mnemonicToAccount('test test test test test test test test test test test junk');

const bare: Genesis = {
  format: 'payable/genesis@1',
  chainId: embedded.id,
  timestamp: TIMESTAMP,
  accounts: [CREATE2_DEPLOYER],
};

const feeOracle: AccountDump = {
  address: oracle.address.toLowerCase() as `0x${string}`,
  nonce: '0x0',
  balanceWei: '0x0',
  code: oracle.code as `0x${string}`,
  storage: [],
};

function clientsOver(provider: EmbeddedProvider) {
  const transport = custom(provider as unknown as EIP1193Provider, { retryCount: 0 });
  const around = { chain: embedded, transport, pollingInterval: 1 };
  return { reader: createPublicClient(around), wallet: createWalletClient({ ...around, account: DEPLOYER }) };
}

export type DeployerClients = ReturnType<typeof clientsOver>;

/**
 * The genesis that `deploy` leaves behind, with `more` accounts from the start. Its block values are fixed, so the same deployment gives the same bytes.
 * Accounts without code are dropped: the deployer's, and the one fees went to.
 */
export async function genesisAfter(
  deploy: (clients: DeployerClients) => Promise<void>,
  more: AccountDump[] = [],
): Promise<Genesis> {
  const deployer: AccountDump = {
    address: DEPLOYER.address.toLowerCase() as `0x${string}`,
    nonce: '0x0',
    balanceWei: numberToHex(parseEther('1000')),
    code: '0x',
    storage: [],
  };
  const accounts = [CREATE2_DEPLOYER, deployer, ...more].sort((a, b) => (a.address < b.address ? -1 : 1));
  const start: Genesis = { ...bare, accounts };
  const store = createMemoryStore();
  await deploy(clientsOver(createProvider(createNode({ genesis: start, store, now: () => TIMESTAMP * 1000 }))));

  const chain = await createChain(start, await store.load());
  return {
    ...bare,
    // Contracts may store the time of their deployment, so block 0 must not be earlier.
    timestamp: Number(chain.head().header.timestamp),
    accounts: chain.dump().accounts.filter(({ code }) => code !== '0x'),
  };
}

/** The shipped genesis: every contract deployed and wired, and the fee oracle that an OP-Stack chain has from its start. */
export function buildGenesis(): Promise<Genesis> {
  const plan = planDeployment(code as CreationCode, SANDBOX_PARTIES);
  return genesisAfter(
    async (clients) => {
      for await (const event of runDeployment(plan, clients)) if (event.kind === 'done') return;
    },
    [feeOracle],
  );
}
