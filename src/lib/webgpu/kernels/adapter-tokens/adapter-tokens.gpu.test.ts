import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { SLOT } from '../../step-state.ts';
import {
  embedAdapterTokens,
  encodeEmbedTokensCall,
  encodeHeadTokensCall,
  headAdapterTokens,
  adapterTokensGroups,
} from './adapter-tokens.ts';

const random = createRng(59);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

describe.each([
  { ids: [7], hidden: 4 },
  { ids: [0, 7, 3, 10], hidden: 100 },
  { ids: Array.from({ length: 70 }, (_, i) => i), hidden: 36 },
])('tokens of an adapter, $ids.length of width $hidden', ({ ids, hidden }) => {
  const outputs = [6, 1, 7];
  const step = stepCase({
    rows: 8,
    longest: 32,
    ranks: [2, 3, 4],
    outputs,
    positionOf: (row) => (row % 3 ? row : null),
  });
  // The second adapter: one sequence uses it alone, another in a blend, the others not at all.
  const descriptor = step.state[step.params.slotsAt + SLOT.words + SLOT.blend]!;
  const stride = padded(hidden);
  const call = { count: ids.length, hidden, stride, descriptor };
  const shared = { ids: Uint32Array.from(ids), rows: floats(ids.length * hidden), state: step.state };

  it('are looked up', async () => {
    await expectSame({
      kernel: embedAdapterTokens,
      params: step.params,
      groups: adapterTokensGroups(hidden, 8),
      buffers: { ...shared, call: encodeEmbedTokensCall(call, 1.5), x: floats(8 * stride) },
      compare: { x: 'floats' },
    });
  });

  it('have logits', async () => {
    const vocab = 77;
    await expectSame({
      kernel: headAdapterTokens,
      params: step.params,
      groups: adapterTokensGroups(ids.length, outputs.length),
      buffers: {
        ...shared,
        call: encodeHeadTokensCall(call, vocab),
        h: floats(outputs.length * stride),
        logits: floats(outputs.length * vocab),
      },
      compare: { logits: 'floats' },
      tolerance: 3e-6,
    });
  });
});
