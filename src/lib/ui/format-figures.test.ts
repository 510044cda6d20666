import { expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatTimeLeft,
  tokensPerSecond,
} from './format-figures.ts';

it('formats bytes', () => {
  expect([0, 999, 1000, 9_908_568, 999_600, 4.2e9].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.00 kB',
    '9.91 MB',
    '1.00 MB',
    '4.20 GB',
  ]);
});

it('formats counts, durations and rates', () => {
  expect([512, 4_952_832, 1.5e9].map(formatCount)).toEqual(['512', '4.95 million', '1.50 billion']);
  expect([0.4, 312.4, 1500, 42_000, 180_000].map(formatDuration)).toEqual(['0 ms', '312 ms', '1.5 s', '42 s', '3 min']);
  expect([7.256, 24.11, 140.6].map(formatRate)).toEqual(['7.26', '24.1', '141']);
});

it('counts the rate of a stream from its second token', () => {
  expect(tokensPerSecond(11, 500)).toBe(20);
  expect(tokensPerSecond(1, 0)).toBeUndefined();
});

it('says how much time is left once that is no wild guess', () => {
  expect(formatTimeLeft(4e6, 13e6, 3e6)).toBe('3.0 s left');
  expect(formatTimeLeft(0.5e6, 13e6, 3e3)).toBeUndefined();
  expect(formatTimeLeft(4e6, 13e6, 0)).toBeUndefined();
  expect(formatTimeLeft(13e6, 13e6, 3e6)).toBeUndefined();
});
