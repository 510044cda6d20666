import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { runPlain } from '#tests/support/finite-differences.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { kvElements, packedRows, stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import {
  attentionBackwardGroups,
  attentionBackwardThreads,
  attentionKeysBackward,
  attentionQueriesBackward,
  type AttentionBackwardParams,
} from './attention.backward.ts';
import { attention, encodeAttentionCall } from './attention.ts';

const random = createRng(61);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

type Case = Pick<AttentionBackwardParams, 'heads' | 'kvHeads' | 'headDim' | 'softcap' | 'alibi'> & {
  software: boolean;
  window: number;
  lengths: number[];
};

describe('the gradient of attention', () => {
  it.each<Case>([
    {
      heads: 4,
      kvHeads: 2,
      headDim: 12,
      softcap: 0,
      alibi: 'rounded',
      window: 9,
      lengths: [3, 30, 1],
      software: false,
    },
    { heads: 6, kvHeads: 2, headDim: 136, softcap: 5, alibi: 'exact', window: 0, lengths: [2, 39], software: true },
  ])(
    '$heads/$kvHeads heads of $headDim, window $window, cap $softcap, ALiBi $alibi, sequences of $lengths, software $software',
    async ({ window, lengths, software, ...of }) => {
      const { heads, kvHeads, headDim } = of;
      const step = stepCase({ ...packedRows(lengths), longest: 32 });
      const { rows, state } = step;
      const threads = attentionBackwardThreads({ software });
      const elements = kvElements(kvHeads, headDim);
      const params = { ...step.params, ...of, scale: headDim ** -0.5, valuesAt: elements / 2, threads };
      const elementsOfHeads = rows * (heads + 2 * kvHeads) * headDim;
      const call = encodeAttentionCall(window);
      const shared = { call, q: floats(rows * heads * headDim), kv: floats(2 * elements), state };
      const dout = floats(rows * padded(heads * headDim));
      const forward = runPlain({
        kernel: attention,
        params: { ...params, kv: 'f32', form: 'tiles', together: 1 },
        buffers: { ...shared, o: new Float32Array(dout.length) },
      });
      const queries = {
        kernel: attentionQueriesBackward,
        params,
        groups: attentionBackwardGroups(heads, rows),
        buffers: {
          ...shared,
          o: Float32Array.from(forward.o),
          dout,
          stats: unwritten(2 * rows * heads),
          dheads: unwritten(elementsOfHeads),
        },
        compare: { stats: 'floats', dheads: 'floats' },
        tolerance: 3e-6,
      } as const;
      await expectSame(queries);
      await expectSame({
        kernel: attentionKeysBackward,
        params: { ...params, adds: window > 0 },
        groups: attentionBackwardGroups(kvHeads, rows),
        buffers: {
          ...shared,
          dout,
          stats: Float32Array.from(runPlain(queries).stats),
          dheads: window > 0 ? floats(elementsOfHeads) : unwritten(elementsOfHeads),
        },
        compare: { dheads: 'floats' },
        tolerance: 3e-6,
      });
    },
  );
});
