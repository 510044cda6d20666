// Parses an operator's file of parties: which account has which of the six roles on a chain.

import { getAddress, isAddress, zeroAddress, type Address } from 'viem';
import { ChainConfigError } from '../errors.ts';
import type { Parties } from './plan.ts';
import { SANDBOX_PARTIES } from './sandbox-parties.ts';

const NAMES = Object.keys(SANDBOX_PARTIES) as (keyof Parties)[];
const PUBLIC_KEYS = new Set<string>(NAMES.map((name) => SANDBOX_PARTIES[name]));

/**
 * Parses `{ founder, guardian, issuer, investors, team, liquidity }`. Except on testnets, refuses accounts of the
 * public test phrase, whose keys are known to all.
 */
export function parseParties(value: unknown, { testnet }: { testnet: boolean }): Parties {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const unknown = Object.keys(given).find((name) => !NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new ChainConfigError(`parties.${unknown}`, 'is not a known party');
  const parties = NAMES.map((name) => {
    const party = given[name];
    const field = `parties.${name}`;
    if (typeof party !== 'string' || !isAddress(party) || party === zeroAddress) {
      throw new ChainConfigError(field, 'must be an address');
    }
    const address = getAddress(party);
    if (!testnet && PUBLIC_KEYS.has(address)) {
      throw new ChainConfigError(field, 'is an account of the public test phrase, whose key everyone has');
    }
    return [name, address];
  });
  return Object.fromEntries(parties) as Record<keyof Parties, Address>;
}
