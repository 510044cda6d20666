import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { differences, expectGradient, runPlain } from '#tests/support/finite-differences.ts';
import { cachedElements, kvElements, packedRows, stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { attentionKeysBackward, attentionQueriesBackward, type AttentionBackwardParams } from './attention.backward.ts';
import { attention, encodeAttentionCall } from './attention.ts';

const random = createRng(59);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

type Case = Pick<AttentionBackwardParams, 'heads' | 'kvHeads' | 'softcap' | 'alibi'> & {
  window: number;
  lengths: number[];
};

describe('the gradient of attention', () => {
  it.each<Case>([
    { heads: 2, kvHeads: 2, softcap: 0, alibi: 'none', window: 0, lengths: [4, 1, 3] },
    { heads: 4, kvHeads: 2, softcap: 2, alibi: 'none', window: 3, lengths: [5, 2] },
    { heads: 3, kvHeads: 1, softcap: 0, alibi: 'exact', window: 0, lengths: [1, 5] },
    { heads: 2, kvHeads: 1, softcap: 0, alibi: 'rounded', window: 2, lengths: [17] },
  ])('equals differences of its plain form: %o', ({ window, lengths, ...of }) => {
    const headDim = 4;
    const { heads, kvHeads } = of;
    const step = stepCase({ ...packedRows(lengths), longest: 32 });
    const { rows, state } = step;
    const elements = kvElements(kvHeads, headDim);
    const params = { ...step.params, ...of, headDim, scale: 0.6, valuesAt: elements / 2, threads: 1 };
    const shared = {
      call: encodeAttentionCall(window),
      q: floats(rows * heads * headDim),
      kv: floats(2 * elements),
      state,
    };
    const dout = floats(rows * padded(heads * headDim));
    const forward = {
      kernel: attention,
      params: { ...params, kv: 'f32', form: 'tiles', together: 1 } as const,
      buffers: { ...shared, o: new Float32Array(dout.length) },
    };
    const o = Float32Array.from(runPlain(forward).o);
    const all = heads + 2 * kvHeads;
    const empty = new Float32Array(rows * all * headDim);
    const stats = new Float32Array(2 * rows * heads);
    const queries = runPlain({
      kernel: attentionQueriesBackward,
      params,
      buffers: { ...shared, dout, o, stats, dheads: empty },
    });
    const keys = runPlain({
      kernel: attentionKeysBackward,
      params: { ...params, adds: false },
      buffers: { ...shared, dout, stats: Float32Array.from(queries.stats), dheads: empty },
    });
    // The outputs and what is kept of the softmax are rounded to f32 between the kernels.
    const heldQueries = Array.from({ length: rows }, (_, row) =>
      Array.from(queries.dheads.subarray(row * all * headDim, (row * all + heads) * headDim)),
    ).flat();
    expectGradient(Float64Array.from(heldQueries), differences(forward, { o: dout }, 'q'), 3e-6);

    const places = Array.from({ length: rows }, (_, row) => cachedElements(step, row, kvHeads, headDim)).flat();
    const heldKeys = Array.from({ length: rows }, (_, row) =>
      Array.from(keys.dheads.subarray((row * all + heads) * headDim, (row + 1) * all * headDim)),
    ).flat();
    expectGradient(Float64Array.from(heldKeys), differences(forward, { o: dout }, 'kv', places), 3e-6);
  });
});
