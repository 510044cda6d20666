// Checks of actions' inputs before any request: amounts, addresses, counts.

import { isAddress, isHex, stringToHex, zeroAddress, zeroHash, type Address, type Hex } from 'viem';
import { listed } from '#lib/core/count-words.ts';
import { PayableError } from '#lib/core/errors.ts';

export class BadInputError extends PayableError {
  constructor(field: string, what: string) {
    super('action/input', `${field} ${what}.`, { hint: 'Nothing was sent.' });
  }
}

/** Reports all empty fields at once, by their labels. */
export function requireFilled(fields: Readonly<Record<string, string>>): void {
  const missing = Object.entries(fields).flatMap(([name, text]) => (text.trim() === '' ? [name] : []));
  if (missing.length === 0) return;
  const [first, ...rest] = missing;
  const named = listed([first!, ...rest.map((name) => `${name[0]!.toLowerCase()}${name.slice(1)}`)]);
  throw new BadInputError(named, missing.length === 1 ? 'is missing' : 'are missing');
}

const MAX_UINT96 = 2n ** 96n - 1n;

/** Wei of OPEN that contracts hold in 96 bits. */
export function requireAmount(wei: bigint, field = 'The amount'): bigint {
  if (wei <= 0n) throw new BadInputError(field, 'must be more than zero');
  if (wei > MAX_UINT96) throw new BadInputError(field, 'is more than there can ever be');
  return wei;
}

export function requireAddress(value: string, field: string): Address {
  if (!isAddress(value)) throw new BadInputError(field, `"${value.slice(0, 60)}" is not an address, or is mistyped`);
  if (value === zeroAddress) throw new BadInputError(field, 'is the zero address');
  return value;
}

/** 32 bytes that are not all zero: a digest, a root, an id. */
export function requireHash(value: string, field: string): Hex {
  if (!isHex(value) || value.length !== 66)
    throw new BadInputError(field, 'must be 32 bytes, written as 0x and 64 digits');
  if (value === zeroHash) throw new BadInputError(field, 'is missing: it is all zero');
  return value;
}

/** A whole number from `least` to what `bits` hold. */
export function requireWhole(value: bigint | number, bits: number, field: string, least = 0): bigint {
  const isWhole = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!isWhole || value < least || BigInt(value) >> BigInt(bits) !== 0n) {
    throw new BadInputError(field, `must be a whole number from ${least} to 2^${bits} - 1`);
  }
  return BigInt(value);
}

/** Ids of the registries, which count from 1. */
export const requireId = (value: bigint, field: string): bigint => requireWhole(value, 64, field, 1);

/** Numbers of up to 32 bits in contracts, which viem expects as `number`. */
export const requireSmall = (value: number, bits: 8 | 16 | 24 | 32, field: string, least = 0): number =>
  Number(requireWhole(value, bits, field, least));

export function requireBps(bps: number, field: string): number {
  if (!Number.isInteger(bps) || bps < 0 || bps > 10_000) throw new BadInputError(field, 'must lie between 0 and 100 %');
  return bps;
}

/** A short text as stored in Solidity: at most 31 bytes of UTF-8, padded with zeros. */
export function requireShortText(text: string, field: string): Hex {
  const bytes = new TextEncoder().encode(text.trim());
  if (bytes.length === 0 || bytes.length > 31)
    throw new BadInputError(field, `must be a text of 1 to 31 bytes, not "${text.slice(0, 40)}"`);
  return stringToHex(text.trim(), { size: 32 });
}
