import { expect, it } from 'vitest';
import { packNumbers, unpackNumbers } from './answer-numbers.ts';

const MOST = (1n << 96n) - 1n;

it('has 12 bytes a number, big endian', () => {
  expect(packNumbers([1n, MOST])).toBe(`0x${'00'.repeat(11)}01${'ff'.repeat(12)}`);
  expect(packNumbers([])).toBe('0x');
});

it('reads back what was packed', () => {
  const numbers = [0n, 1n, 255n, 10n ** 18n, MOST];
  expect(unpackNumbers(packNumbers(numbers))).toEqual(numbers);
  expect(unpackNumbers('0x')).toEqual([]);
});

it('refuses numbers that do not fit and bytes that end within one', () => {
  expect(() => packNumbers([MOST + 1n])).toThrow('does not fit into 12 bytes');
  expect(() => packNumbers([-1n])).toThrow('does not fit into 12 bytes');
  expect(() => unpackNumbers('0x0011')).toThrow('2 bytes are no numbers of 12');
});
