// Gradients of every family that can be trained, compared with automatic differentiation in PyTorch, on the plain TypeScript kernels. The
// largest case runs on WebGPU.

import { describe, expect, it } from 'vitest';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { GRADIENT_CASES, judgedGradients } from '#tests/support/gradient-cases.ts';

describe('on reference kernels', () => {
  it.each(GRADIENT_CASES.filter(([name]) => name !== 'gemma3'))('%s, %s: loss and gradients', async (name, adapter) => {
    const { losses, worst, expectedLoss } = await judgedGradients(createReferenceDevice(), name, adapter);
    expect(losses[0]! / expectedLoss).toBeCloseTo(1, 6);
    expect(worst).toBeLessThan(2);
  });
});
