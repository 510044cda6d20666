// Rotary frequencies against values computed by the golden cases' reference decoder (numpy, float64).

import { expect, test } from 'vitest';
import cases from '#tests/fixtures/rope.json' with { type: 'json' };
import type { RopeScaling } from '../architecture.ts';
import { inverseFrequencies } from './inverse-frequencies.ts';

test.each(cases)('$scaling.type, theta $theta', ({ scaling, theta, dim, context, frequencies, attentionFactor }) => {
  const got = inverseFrequencies({ theta, scaling: scaling as RopeScaling }, dim, context);
  expect(got.attentionFactor).toBeCloseTo(attentionFactor, 14);
  expect(got.frequencies.length).toBe(dim / 2);
  for (const [i, f] of frequencies.entries()) expect(Math.abs(got.frequencies[i]! / f - 1)).toBeLessThan(1e-14);
});
