// Opens the chain that `--mode`, `--rpc`, `--data` and the key select: the sandbox in a folder, a devnet, or an L2 from
// its configuration. The key signs in this process and is never printed.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createPublicClient,
  createWalletClient,
  custom,
  getAddress,
  http,
  isAddress,
  type Account,
  type Chain,
  type EIP1193Provider,
  type Transport,
} from 'viem';
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts';
import shipped from '#lib/chain/addresses.json' with { type: 'json' };
import { devnet, embedded, type ChainMode } from '#lib/chain/chains.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import code from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import { parseParties } from '#lib/chain/deploy/parse-parties.ts';
import { planDeployment, type Addresses, type CreationCode, type Parties } from '#lib/chain/deploy/plan.ts';
import { SANDBOX_PARTIES } from '#lib/chain/deploy/sandbox-parties.ts';
import { GENESIS_FILE } from '#lib/chain/embedded/genesis-file.ts';
import { readGenesis } from '#lib/chain/embedded/genesis.ts';
import { createNode } from '#lib/chain/embedded/node.ts';
import { createProvider } from '#lib/chain/embedded/provider.ts';
import { parseChainConfig } from '#lib/chain/parse-chain-config.ts';
import { parseFromBlock } from '#lib/chain/parse-chain-contracts.ts';
import type { TxHost } from '#lib/chain/tx/run.ts';
import { createMemoryTxStore } from '#lib/chain/tx/store.ts';
import type { OptionTypes, OptionValues } from '../command.ts';
import { FileError } from '#node/errors.ts';
import { UsageError } from '../errors.ts';
import { readInput, readJsonInput } from '../input-files.ts';
import * as option from '../option-values.ts';
import { createFolderChainStore, createFolderTxStore } from './chain-folder.ts';
import { openJsonFolder } from './json-folder.ts';

export const CHAIN_OPTIONS: OptionTypes = {
  mode: { type: 'string' },
  rpc: { type: 'string' },
  data: { type: 'string' },
  chain: { type: 'string' },
  addresses: { type: 'string' },
  'key-file': { type: 'string' },
  json: { type: 'boolean' },
};

export const CHAIN_HELP = `  --mode embedded|devnet|l2   the sandbox in this process (default), a local node, another chain
  --data DIR             where the sandbox is kept; default .chain/sandbox
  --rpc URL              of the devnet; default http://127.0.0.1:8545
  --chain FILE           description of the l2: {"id", "name", "rpcUrl", "parties", ...}; see docs/guides/run-an-l2.md
  --addresses FILE       where its contracts are: {"OpenToken": "0x...", ...}; without, where its parties put them
  --key-file FILE        a file that holds the private key; or the environment variable PAYABLE_KEY
  --json                 one JSON object instead of a line`;

export interface OpenChain {
  context: ChainContext;
  host: TxHost;
  /** Address of the given key. */
  account: Account | null;
  /** Addresses of the contracts on this chain; null when its description has none. */
  parties: Parties | null;
  /** The first block that can have logs of the contracts. */
  fromBlock: number;
  close(): void;
}

function readKey(values: OptionValues): PrivateKeyAccount | null {
  const path = option.text(values, 'key-file');
  const key = (path === undefined ? process.env['PAYABLE_KEY'] : readInput(path))?.trim();
  if (key === undefined || key === '') {
    if (path !== undefined) throw new FileError(path, 'the file is empty', 'It should hold a private key.');
    return null;
  }
  try {
    if (!/^0x[0-9a-f]{64}$/i.test(key)) throw new Error('not 32 bytes');
    return privateKeyToAccount(key as `0x${string}`);
  } catch {
    // Without a cause, which might contain the key.
    throw new UsageError('The private key is not one.', 'It is 0x and 64 hexadecimal digits.');
  }
}

/** The account of the given key. @throws UsageError without a key */
export function requireAccount(values: OptionValues): PrivateKeyAccount {
  const account = readKey(values);
  if (!account) throw new UsageError('This needs a key.', 'Give --key-file FILE, or set PAYABLE_KEY.');
  return account;
}

/** static/ of this project, found from this program upwards. */
function staticFile(path: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'static', path);
    if (existsSync(file)) return file;
    if (dirname(folder) === folder) throw new FileError(path, 'the file is missing', 'Fetch the project again.');
  }
}

function readAddresses(path: string): Addresses {
  const given = readJsonInput(path);
  const entries = Object.keys(shipped).map((name) => {
    const value = given[name];
    if (typeof value !== 'string' || !isAddress(value)) {
      throw new FileError(path, `"${name}" is not an address`, 'Every contract needs one.');
    }
    return [name, getAddress(value)];
  });
  return Object.fromEntries(entries) as Addresses;
}

async function openEmbedded(path: string) {
  const genesis = await readGenesis(readFileSync(staticFile(GENESIS_FILE.path)), GENESIS_FILE.sha256);
  const folder = openJsonFolder(path);
  const provider = createProvider(createNode({ genesis, store: createFolderChainStore(folder), now: Date.now }));
  return {
    transport: custom(provider as unknown as EIP1193Provider, { retryCount: 0 }),
    store: createFolderTxStore(folder),
    close() {
      provider.close();
      folder.close();
    },
  };
}

/** Refuses options that the mode does not use, rather than ignoring them silently. */
function refuseOthers(values: OptionValues, mode: ChainMode, used: readonly string[]): void {
  const other = ['data', 'rpc', 'chain', 'addresses'].find(
    (name) => values[name] !== undefined && !used.includes(name),
  );
  if (other) throw new UsageError(`Option --${other} is not for --mode ${mode}.`, 'See --help.');
}

interface Described {
  chain: Chain;
  addresses: Addresses;
  parties: Parties | null;
  fromBlock: number;
}

function readL2(values: OptionValues): Described {
  const description = readJsonInput(option.required(values, 'chain', 'the description of the chain'));
  const chain = parseChainConfig(description);
  const named = description['parties'];
  const parties = named === undefined ? null : parseParties(named, { testnet: chain.testnet === true });
  const fromBlock = parseFromBlock(description['fromBlock']);
  const path = option.text(values, 'addresses');
  if (path !== undefined) return { chain, addresses: readAddresses(path), parties, fromBlock };
  if (parties !== null) {
    return { chain, addresses: planDeployment(code as CreationCode, parties).addresses, parties, fromBlock };
  }
  throw new UsageError('Where are the contracts?', 'Give --addresses FILE, or name the parties in --chain FILE.');
}

const sandboxOn = (chain: Chain): Described => ({
  chain,
  addresses: shipped as Addresses,
  parties: SANDBOX_PARTIES,
  fromBlock: 0,
});

async function openTransport(values: OptionValues, mode: ChainMode) {
  if (mode === 'embedded') {
    refuseOthers(values, mode, ['data']);
    const opened = await openEmbedded(option.text(values, 'data') ?? join('.chain', 'sandbox'));
    return { ...sandboxOn(embedded), ...opened };
  }
  refuseOthers(values, mode, mode === 'devnet' ? ['rpc'] : ['chain', 'addresses']);
  const described = mode === 'devnet' ? sandboxOn(devnet) : readL2(values);
  const { chain } = described;
  const url = option.text(values, 'rpc') ?? chain.rpcUrls.default.http[0]!;
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new UsageError(`Option --rpc is "${url}".`, 'It takes a URL.');
  const transport: Transport = http(url, { retryCount: 0, timeout: 30_000 });
  return { ...described, transport, store: createMemoryTxStore(), close: () => undefined };
}

/** Opens the chain that the options name, and checks its chain id. */
export async function openChain(values: OptionValues): Promise<OpenChain> {
  const mode = option.oneOf(values, 'mode', ['embedded', 'devnet', 'l2'], 'embedded');
  const account = readKey(values);
  const { chain, addresses, parties, fromBlock, transport, store, close } = await openTransport(values, mode);
  const clients = { chain, transport, pollingInterval: mode === 'embedded' ? 1 : 250 };
  const read = createPublicClient(clients);
  try {
    const id = await read.getChainId().catch((cause: unknown) => {
      throw new UsageError(
        `The chain does not answer (${(cause as Error).message.split('\n')[0]}).`,
        'Start it, or check --rpc.',
      );
    });
    if (id !== chain.id)
      throw new UsageError(`The node serves chain ${id}, not ${chain.id}.`, 'Check --mode and --rpc.');
  } catch (error) {
    close();
    throw error;
  }
  const signer = async () => {
    if (!account) throw new UsageError('This needs a key.', 'Give --key-file FILE, or set PAYABLE_KEY.');
    return createWalletClient({ ...clients, account });
  };
  const host: TxHost = { store, now: Date.now, newId: () => crypto.randomUUID() };
  return { context: { mode, chain, read, signer, addresses }, host, account, parties, fromBlock, close };
}
