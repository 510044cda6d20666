import { it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { encodeHeadBiasCall, headBias, headBiasGroups } from './head-bias.ts';

const random = createRng(41);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

it.each([3, 77, 200])('a bias of %i logits is added to the outputs only', async (vocab) => {
  const step = stepCase({ rows: 8, longest: 32, outputs: [4, 1, 7] });
  await expectSame({
    kernel: headBias,
    params: step.params,
    groups: headBiasGroups(vocab, 3),
    buffers: {
      call: encodeHeadBiasCall({ biasAt: 8, vocab }),
      vectors: floats(8 + vocab),
      logits: floats(5 * vocab),
      state: step.state,
    },
    compare: { logits: 'floats' },
  });
});
