// Reads who holds what on a chain, as an operator wrote it down. It knows the seven names; it asks no chain about them.

import { getAddress, isAddress, zeroAddress, type Address } from 'viem';
import { ChainConfigError } from '../errors.ts';
import type { Parties } from './plan.ts';
import { SANDBOX_PARTIES } from './sandbox-parties.ts';

const NAMES = Object.keys(SANDBOX_PARTIES) as (keyof Parties)[];
const PUBLIC_KEYS = new Set<string>(NAMES.map((name) => SANDBOX_PARTIES[name]));

/**
 * Turns `{ founder, guardian, issuer, operator, investors, team, liquidity }` into parties.
 * Where there may be money, accounts of the public test phrase are refused: everyone has their keys.
 */
export function parseParties(value: unknown, { testnet }: { testnet: boolean }): Parties {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const unknown = Object.keys(given).find((name) => !NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new ChainConfigError(`parties.${unknown}`, 'is no party');
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
