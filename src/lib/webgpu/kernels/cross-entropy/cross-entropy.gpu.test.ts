import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { crossEntropy, crossEntropyGroups, encodeCrossEntropyCall } from './cross-entropy.ts';
import { encodeTargets } from './targets.ts';

const random = createRng(71);

const randomTargets = (count: number, vocab: number) =>
  encodeTargets(
    Array.from({ length: count }, (_, i) => ({
      label: i === 0 ? vocab - 1 : Math.abs(Math.round(random.normal() * 100)) % vocab,
      weight: random.normal(),
    })),
  );

describe('cross-entropy', () => {
  it.each([
    { vocab: 1, count: 1, first: 0, logitScale: 1, softcap: 0, threads: 32 },
    { vocab: 77, count: 5, first: 2, logitScale: 0.125, softcap: 0, threads: 128 },
    { vocab: 1031, count: 3, first: 0, logitScale: 1, softcap: 30, threads: 32 },
  ])('$vocab tokens, $count rows from $first, cap $softcap, $threads threads', async (of) => {
    const { count, first, ...params } = of;
    const { vocab } = params;
    await expectSame({
      kernel: crossEntropy,
      params,
      groups: crossEntropyGroups(count + 1),
      buffers: {
        call: encodeCrossEntropyCall({ first, count }),
        targets: randomTargets(first + count, vocab),
        // Far apart: a sum of exponentials must not overflow.
        logits: Float32Array.from({ length: (count + 1) * vocab }, () => random.normal() * 200),
        losses: unwritten(first + count),
      },
      compare: { logits: 'floats', losses: 'floats' },
      tolerance: 3e-6,
    });
  });
});
