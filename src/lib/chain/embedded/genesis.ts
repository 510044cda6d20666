// Genesis of the embedded chain: a dump of accounts with a chain id and a time. Reads and checks the file that scripts/genesis.ts
// writes.

import { createBlock } from '@ethereumjs/block';
import { sha256 as digestSha256 } from 'hash-wasm';
import type { Hex } from 'viem';
import { BadChainFileError } from '../errors.ts';
import type { BlockRecord } from './block-record.ts';
import { headerRecord } from './records-of.ts';
import { BLOCK_GAS_LIMIT, createRules, INITIAL_BASE_FEE_WEI } from './rules.ts';
import { digestDump, parseStateDump, type AccountDump } from './state-dump.ts';

export interface Genesis {
  format: 'payable/genesis@1';
  chainId: number;
  /** Seconds since 1970; every block is later. */
  timestamp: number;
  accounts: AccountDump[];
}

const FILE = 'genesis';

function parseGenesis(text: string): Genesis {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BadChainFileError(FILE, 'it is not JSON', cause);
  }
  const { format, chainId, timestamp, accounts } = (value ?? {}) as Record<string, unknown>;
  if (format !== 'payable/genesis@1') throw new BadChainFileError(FILE, 'its format is not "payable/genesis@1"');
  if (typeof chainId !== 'number' || !Number.isSafeInteger(chainId) || chainId < 1) {
    throw new BadChainFileError(FILE, 'its chain id is not a whole number from 1');
  }
  if (typeof timestamp !== 'number' || !Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw new BadChainFileError(FILE, 'its timestamp is not a whole number of seconds');
  }
  return { format, chainId, timestamp, accounts: parseStateDump(accounts, FILE) };
}

/** Reads a genesis file whose sha256 (hex, no 0x) is known beforehand. */
export async function readGenesis(bytes: Uint8Array, sha256: string): Promise<Genesis> {
  const found = await digestSha256(bytes);
  if (found !== sha256) throw new BadChainFileError(FILE, `its sha256 is ${found}, expected ${sha256}`);
  return parseGenesis(new TextDecoder().decode(bytes));
}

/** Block 0. Its state root field carries the digest of the accounts, so every later hash depends on them. */
export function genesisBlock({ chainId, timestamp, accounts }: Genesis): BlockRecord {
  const block = createBlock(
    {
      header: {
        number: 0n,
        timestamp: BigInt(timestamp),
        gasLimit: BLOCK_GAS_LIMIT,
        baseFeePerGas: INITIAL_BASE_FEE_WEI,
        stateRoot: digestDump(accounts),
      },
    },
    { common: createRules(chainId) },
  );
  return { header: headerRecord(block), raw: [], credits: [], transactions: [], receipts: [] };
}

const account = (address: Hex, code: Hex): AccountDump => ({
  address,
  nonce: '0x1',
  balanceWei: '0x0',
  code,
  storage: [],
});

/** The deterministic CREATE2 deployer (Nick's method) at its address on every chain; anvil has it too. */
export const CREATE2_DEPLOYER = account(
  '0x4e59b44847b379578588920ca78fbf26c0b4956c',
  '0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3',
);
