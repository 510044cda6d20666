import { describe, expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { differences, expectGradient, runPlain } from '#tests/support/finite-differences.ts';
import { crossEntropy, encodeCrossEntropyCall } from './cross-entropy.ts';
import { encodeTargets } from './targets.ts';

const random = createRng(67);
const targets = encodeTargets([
  { label: 0, weight: 9 },
  { label: 3, weight: 0.5 },
  { label: 6, weight: -1.5 },
]);
const call = encodeCrossEntropyCall({ first: 1, count: 2 });

describe('the loss of a row of logits', () => {
  it('is the log of the number of tokens where all are equally likely', () => {
    const params = { vocab: 7, logitScale: 1, softcap: 0, threads: 1 };
    const buffers = { call, targets, logits: new Float32Array(14).fill(2), losses: new Float32Array(3) };
    const { losses } = runPlain({ kernel: crossEntropy, params, buffers });
    expect(losses[0]).toBe(0);
    expect(losses[1]).toBeCloseTo(Math.log(7), 12);
    expect(losses[2]).toBeCloseTo(Math.log(7), 12);
  });

  it.each([
    { logitScale: 1, softcap: 0 },
    { logitScale: 0.25, softcap: 3 },
  ])('has the gradient that differences give, with %o', (shape) => {
    const params = { vocab: 7, ...shape, threads: 1 };
    const logits = Float32Array.from({ length: 14 }, () => random.normal() * 4);
    const run = { kernel: crossEntropy, params, buffers: { call, targets, logits, losses: new Float32Array(3) } };
    const weights = new Float32Array([0, 0.5, -1.5]);
    expectGradient(runPlain(run).logits, differences(run, { losses: weights }, 'logits'));
  });
});
