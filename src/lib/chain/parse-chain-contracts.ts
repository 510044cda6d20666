// Parses the contract addresses and the first block in an operator's description of an L2.

import { getAddress, isAddress, zeroAddress, type Address } from 'viem';
import shipped from './addresses.json' with { type: 'json' };
import type { Addresses } from './deploy/plan.ts';
import { ChainConfigError } from './errors.ts';

/** Contract addresses, and the first block that may hold their logs. */
export interface ChainContracts {
  addresses: Addresses;
  fromBlock: number;
}

/** Addresses that result from the sandbox's parties; used there and on a devnet. */
export const SHIPPED_CONTRACTS: ChainContracts = {
  addresses: shipped as Record<keyof typeof shipped, Address>,
  fromBlock: 0,
};

/** The `fromBlock` of a description; default 0. */
export function parseFromBlock(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new ChainConfigError('fromBlock', 'must be the number of a block');
  }
  return value;
}

/**
 * `{ addresses: { OpenToken: "0x…", … }, fromBlock? }` of a description. Addresses depend on the parties, so every one must be
 * given.
 */
export function parseChainContracts(value: unknown): ChainContracts {
  const { addresses, fromBlock } = (value ?? {}) as Record<string, unknown>;
  if (typeof addresses !== 'object' || addresses === null) {
    throw new ChainConfigError('addresses', 'must name every contract; "npm run l2 -- FOLDER --app" prints them');
  }
  const given = addresses as Record<string, unknown>;
  const read = Object.keys(shipped).map((name) => {
    const address = given[name];
    if (typeof address !== 'string' || !isAddress(address) || address === zeroAddress) {
      throw new ChainConfigError(`addresses.${name}`, 'must be an address');
    }
    return [name, getAddress(address)] as const;
  });
  return { addresses: Object.fromEntries(read) as Addresses, fromBlock: parseFromBlock(fromBlock) };
}
