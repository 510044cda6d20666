// Which numbers a row holds unchanged.

import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { isRowNumber, keepsDigits } from './exact-number.ts';

test.each([
  ['9007199254740991', true],
  ['9007199254740992', true],
  ['9007199254740993', false],
  ['169881503650676736', false],
  ['169881503650676740', true],
  ['1152921504606846976', false],
  ['-1294030472427835393', false],
  ['1000000000000000000000', true],
  ['1e21', true],
  ['-0', true],
  ['0.1', true],
  ['0.10', true],
  ['0.10000000000000001', true],
  ['333333333.33333329', true],
  ['12345678901234567890.123456789', false],
  ['0.123456789012345678', false],
  ['1.50000000000000000000', true],
  ['1e400', false],
  ['1e-400', false],
  ['0e-400', true],
])('%s: %s', (literal, isHeld) => {
  expect(isRowNumber(literal)).toBe(isHeld);
});

it('accepted numbers survive a row’s canonical form, digit by digit for integers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (value) => {
      const written = String(Number(value));
      const back = /e/.test(written) ? null : BigInt(written);
      if (back !== null) expect(keepsDigits(String(value))).toBe(back === value);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => isRowNumber(JSON.stringify(value))),
  );
});
