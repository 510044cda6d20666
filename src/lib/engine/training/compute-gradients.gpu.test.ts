// Gradients on WebGPU, compared with automatic differentiation in PyTorch: norms around blocks and over heads, windows, groups of heads.

import { expect, it } from 'vitest';
import { judgedGradients } from '#tests/support/gradient-cases.ts';
import { testDevice } from '#tests/support/kernel-case.ts';

it('gemma3, lora: loss and gradients', async () => {
  const [judged] = await judgedGradients(await testDevice('default'), 'gemma3', ['lora']);
  const { loss, worst, expectedLoss } = judged!;
  expect(loss / expectedLoss).toBeCloseTo(1, 6);
  expect(worst).toBeLessThan(2);
});
