import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { crossEntropyGroups, encodeCrossEntropyCall } from '../cross-entropy/cross-entropy.ts';
import { encodeTargets } from '../cross-entropy/targets.ts';
import { hits } from './hits.ts';

const random = createRng(73);

describe('hits', () => {
  it.each([
    { vocab: 1, count: 1, first: 0, threads: 32 },
    { vocab: 77, count: 9, first: 3, threads: 32 },
    { vocab: 1031, count: 6, first: 0, threads: 128 },
  ])('$vocab tokens, $count rows from $first, $threads threads', async ({ count, first, ...params }) => {
    const { vocab } = params;
    // Whole numbers, so that some rows have several greatest logits.
    const logits = Float32Array.from({ length: (count + 1) * vocab }, () => random.below(40));
    const greatest = (row: number) => {
      const own = logits.subarray(row * vocab, (row + 1) * vocab);
      return own.indexOf(Math.max(...own));
    };
    const targets = Array.from({ length: first + count }, (_, i) => {
      const label = i % 3 === 0 ? random.below(vocab) : greatest(Math.max(0, i - first));
      return { label, weight: 1 };
    });
    await expectSame({
      kernel: hits,
      params,
      groups: crossEntropyGroups(count + 1),
      buffers: {
        call: encodeCrossEntropyCall({ first, count }),
        targets: encodeTargets(targets),
        logits,
        hits: unwritten(first + count),
      },
      compare: { hits: 'words' },
    });
  });
});
