// Parses a typed percentage to basis points. Refuses one that it cannot read exactly.

import { BadInputError } from '../input.ts';

/** "2.5" → 250; two decimals at most, up to 100. */
export function readPercent(text: string, field: string): number {
  const found = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text.trim());
  const bps = found ? Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0')) : Infinity;
  if (bps > 10_000)
    throw new BadInputError(field, 'must be a percentage like 2.5, from 0 to 100, with two decimals at most');
  return bps;
}
