import { expect, it } from 'vitest';
import type { FitVerdict } from '#lib/engine/judge-fit.ts';
import { chooseDtype, type JudgedFormat } from './choose-dtype.ts';

const yes: FitVerdict = { fits: 'yes', totalBytes: 1, memoryBytes: 2 };
const no: FitVerdict = { fits: 'no', reason: 'memory', totalBytes: 3, memoryBytes: 2 };
const unknown: FitVerdict = { fits: 'unknown', totalBytes: 1 };
const formats = (f32: FitVerdict, f16: FitVerdict, q8: FitVerdict, q4: FitVerdict): JudgedFormat[] => [
  { dtype: 'f32', verdict: f32 },
  { dtype: 'f16', verdict: f16 },
  { dtype: 'q8', verdict: q8 },
  { dtype: 'q4', verdict: q4 },
];

it('suggests the most exact format that fits, and never f32', () => {
  expect(chooseDtype(formats(yes, yes, yes, yes))).toBe('f16');
  expect(chooseDtype(formats(no, no, yes, yes))).toBe('q8');
  expect(chooseDtype(formats(no, no, no, yes))).toBe('q4');
});

it('prefers a format that is known to fit to a larger one that may fit', () => {
  expect(chooseDtype(formats(unknown, unknown, unknown, unknown))).toBe('f16');
  expect(chooseDtype(formats(no, unknown, yes, yes))).toBe('q8');
});

it('suggests nothing where nothing fits', () => {
  expect(chooseDtype(formats(yes, no, no, no))).toBe(null);
  expect(chooseDtype([])).toBe(null);
});
