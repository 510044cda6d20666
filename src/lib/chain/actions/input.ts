// What actions refuse before any chain is asked: amounts, addresses, counts that cannot be right.

import { isAddress, zeroAddress, type Address } from 'viem';
import { PayableError } from '#lib/core/errors.ts';

export class BadInputError extends PayableError {
  constructor(field: string, what: string) {
    super('action/input', `${field} ${what}.`, { hint: 'Nothing was sent.' });
  }
}

const MAX_UINT96 = 2n ** 96n - 1n;

/** Wei of OPEN that contracts hold in 96 bits. */
export function requireAmount(wei: bigint, field = 'The amount'): bigint {
  if (wei <= 0n) throw new BadInputError(field, 'must be more than zero');
  if (wei > MAX_UINT96) throw new BadInputError(field, 'is more than there can ever be');
  return wei;
}

export function requireAddress(value: string, field: string): Address {
  if (!isAddress(value)) throw new BadInputError(field, `"${value.slice(0, 60)}" is no address, or is mistyped`);
  if (value === zeroAddress) throw new BadInputError(field, 'is the zero address');
  return value;
}
