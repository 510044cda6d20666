// Fields of vouchers and receipts that come as JSON: each is checked and bounded, and an error names it.

import { getAddress, isAddress, isHex, type Address, type Hex } from 'viem';
import { PayableError } from '#lib/core/errors.ts';

export class BadVoucherTextError extends PayableError {
  constructor(what: string) {
    super('wallet/bad-voucher-text', `The text cannot be read: ${what}.`, { hint: 'Copy it again, as a whole.' });
  }
}

type Fields = Record<string, unknown>;

export function parseJson(text: string, maxCharacters: number): unknown {
  if (text.length > maxCharacters) throw new BadVoucherTextError(`it is longer than ${maxCharacters} characters`);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadVoucherTextError('it is cut short or changed');
  }
}

export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadVoucherTextError(`${what} is not an object`);
  }
  return value as Fields;
}

export function listOf(value: unknown, most: number, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > most) {
    throw new BadVoucherTextError(`it must have 1 to ${most} ${what}`);
  }
  return value;
}

export function weiOf(value: unknown, field: string): bigint {
  if (typeof value !== 'string' || !/^\d{1,29}$/.test(value)) {
    throw new BadVoucherTextError(`${field} is not an amount in wei`);
  }
  return BigInt(value);
}

export function addressOf(value: unknown, field: string): Address {
  if (typeof value !== 'string' || !isAddress(value, { strict: false })) {
    throw new BadVoucherTextError(`${field} is not an address`);
  }
  return getAddress(value);
}

export function wordOf(value: unknown, field: string): Hex {
  if (!isHex(value) || value.length !== 66) throw new BadVoucherTextError(`${field} is not 32 bytes`);
  return value;
}

export function numberOf(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= 2 ** 32) {
    throw new BadVoucherTextError(`${field} is not a whole number below 2^32`);
  }
  return value;
}
