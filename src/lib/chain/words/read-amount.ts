// Parses a typed amount to wei. Refuses an amount that it cannot read exactly.

import { parseUnits } from 'viem';
import { PayableError } from '#lib/core/errors.ts';

export class BadAmountError extends PayableError {
  constructor(what: string) {
    super('chain/bad-amount', what, { hint: 'Write it like 12.5, with a point and without separators.' });
  }
}

/** `text` in whole units of 18 decimals, more than zero. */
export function readAmount(text: string): bigint {
  const wei = readPrice(text);
  if (wei === 0n) throw new BadAmountError('The amount must be more than zero.');
  return wei;
}

/** As `readAmount`, but zero is an amount, too. */
export function readPrice(text: string): bigint {
  const trimmed = text.trim();
  if (trimmed === '') throw new BadAmountError('The amount is missing.');
  if (!/^\d{1,30}(\.\d+)?$/.test(trimmed)) throw new BadAmountError(`“${trimmed.slice(0, 40)}” is not an amount.`);
  if ((trimmed.split('.')[1]?.length ?? 0) > 18) throw new BadAmountError('There are 18 decimals at most.');
  return parseUnits(trimmed, 18);
}
