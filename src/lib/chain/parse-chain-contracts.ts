// Reads where the contracts are on an L2 that an operator described, and from which block on. It asks no chain about them.

import { getAddress, isAddress, zeroAddress, type Address } from 'viem';
import shipped from './addresses.json' with { type: 'json' };
import type { Addresses } from './deploy/plan.ts';
import { ChainConfigError } from './errors.ts';

/** Where the contracts of a chain lie, and the first block that can tell of them. */
export interface ChainContracts {
  addresses: Addresses;
  fromBlock: number;
}

/** As the parties of the sandbox put them: there, and on a devnet. */
export const SHIPPED_CONTRACTS: ChainContracts = {
  addresses: shipped as Record<keyof typeof shipped, Address>,
  fromBlock: 0,
};

/** The `fromBlock` of a description; without one everything is read. */
export function parseFromBlock(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new ChainConfigError('fromBlock', 'must be the number of a block');
  }
  return value;
}

/**
 * `{ addresses: { OpenToken: "0x…", … }, fromBlock? }` of a description. Other parties put the contracts elsewhere, so every
 * address must be there.
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
