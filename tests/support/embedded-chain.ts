// An embedded chain for tests: a genesis with funded accounts, a fixed clock, tiny contracts in bytecode.

import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  custom,
  numberToHex,
  parseEther,
  type Account,
  type Hex,
  type Transport,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { embedded } from '#lib/chain/chains.ts';
import { CREATE2_DEPLOYER, type Genesis } from '#lib/chain/embedded/genesis.ts';
import { createNode } from '#lib/chain/embedded/node.ts';
import { createMemoryStore, type ChainStore } from '#lib/chain/embedded/persist.ts';
import type { AccountDump } from '#lib/chain/embedded/state-dump.ts';
import { createProvider } from '#lib/chain/embedded/provider.ts';

/** The accounts that anvil funds, too. */
const MNEMONIC = 'test test test test test test test test test test test junk';
export const [alice, bob, carol] = [0, 1, 2].map((addressIndex) => mnemonicToAccount(MNEMONIC, { addressIndex })) as [
  ReturnType<typeof mnemonicToAccount>,
  ReturnType<typeof mnemonicToAccount>,
  ReturnType<typeof mnemonicToAccount>,
];

export const GENESIS_SECONDS = 1_700_000_000;

export const testGenesis: Genesis = {
  format: 'payable/genesis@1',
  chainId: embedded.id,
  timestamp: GENESIS_SECONDS,
  accounts: [
    CREATE2_DEPLOYER,
    ...[alice, bob, carol].map(({ address }): AccountDump => ({
      address: address.toLowerCase() as Hex,
      nonce: '0x0',
      balanceWei: numberToHex(parseEther('10000')),
      code: '0x',
      storage: [],
    })),
  ].sort((a, b) => (a.address < b.address ? -1 : 1)),
};

/** Creation code that deploys `runtime` (bytes as hex, at most 255). */
export const initCode = (runtime: string): Hex =>
  `0x60${(runtime.length / 2).toString(16).padStart(2, '0')}8060095f395ff3${runtime}`;

/** Adds one to slot 0, logs the sum under the topic given as call data, and returns it. */
export const COUNTER = '5f54600101805f555f525f3560205fa160205ff3';
/** Reverts with its call data. */
export const REVERTER = '365f5f37365ffd';

/** viem clients over one transport, with one type for any transport. */
export function clientsOver(transport: Transport, account: Account = alice) {
  const options = { chain: embedded, transport, pollingInterval: 1 };
  return {
    reader: createPublicClient(options),
    wallet: createWalletClient({ ...options, account }),
    test: createTestClient({ ...options, mode: 'anvil' }),
  };
}

/** A new node, with clients like those of an app. */
export function createTestNode(options: { store?: ChainStore; now?: () => number } = {}) {
  const node = createNode({
    genesis: testGenesis,
    store: options.store ?? createMemoryStore(),
    now: options.now ?? (() => GENESIS_SECONDS * 1000),
  });
  const provider = createProvider(node);
  return { node, provider, ...clientsOver(custom(provider, { retryCount: 0 })) };
}
