// Times as they are shown.

import { expect, it } from 'vitest';
import { counted, listed } from './count-words.ts';
import { asDay, asDeviceDay, asDeviceTime, asTime } from './time-words.ts';

it('a chain’s time is told in UTC, its marks in words', () => {
  expect(asTime(1_796_000_000n)).toBe('2026-11-30 00:53:20 UTC');
  expect(asDay(1_796_000_000n)).toBe('2026-11-30');
  expect([asTime(0n), asTime(2n ** 64n - 1n)]).toEqual(['no time', 'no time that will come']);
});

it('a device’s time has the same format, in its own zone, and is no chain’s', () => {
  const noon = new Date(2026, 10, 30, 12, 5).getTime();
  expect(asDeviceTime(noon)).toBe('2026-11-30 12:05');
  expect(asDeviceDay(noon)).toBe('2026-11-30');
  expect(asDeviceDay(new Date(2026, 10, 30, 23, 59).getTime())).toBe('2026-11-30');
});

it('one is one thing, all else are things', () => {
  expect([counted(1, 'row'), counted(0, 'row'), counted(1234n, 'row')]).toEqual(['1 row', '0 rows', '1,234 rows']);
  expect(counted(2, 'copy', 'copies')).toBe('2 copies');
});

it('a long list is cut with how many are left out', () => {
  expect([listed([]), listed(['1']), listed(['1', '3'])]).toEqual(['', '1', '1 and 3']);
  expect(listed(['1', '2', '3', '4', '5'], 4)).toBe('1, 2, 3 and 2 more');
});
