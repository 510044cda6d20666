// Amounts are read exactly or not at all.

import { expect, it } from 'vitest';
import { readAmount, readPrice } from './read-amount.ts';

it.each([
  ['1', 10n ** 18n],
  [' 12.5 ', 125n * 10n ** 17n],
  ['0.000000000000000001', 1n],
])('%s', (text, wei) => expect(readAmount(text)).toBe(wei));

it.each(['', '0', '0.0', '-1', '1e3', '1,000', '.5', '5.', '0x10', '0.0000000000000000001', '9'.repeat(31), '١'])(
  'refuses “%s”',
  (text) => expect(() => readAmount(text)).toThrow(expect.objectContaining({ code: 'chain/bad-amount' })),
);

it('a price may be zero, and is read as strictly', () => {
  expect([readPrice('0'), readPrice('0.50')]).toEqual([0n, 5n * 10n ** 17n]);
  for (const text of ['', '-0', '1e3', '0x0']) expect(() => readPrice(text)).toThrow();
});
