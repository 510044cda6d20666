import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { kvElements, storedKv, stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import {
  attention,
  attentionGroups,
  cardAttention,
  encodeAttentionCall,
  softwareAttention,
  type AttentionParams,
} from './attention.ts';

const random = createRng(29);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

type Shape = Pick<AttentionParams, 'heads' | 'kvHeads' | 'headDim' | 'softcap' | 'alibi'>;

/** Compiling the form for real GPUs takes seconds here, so of its larger heads one format is tested. */
function formatsOf(headDim: number, form: AttentionParams['form']): readonly AttentionParams['kv'][] {
  if (form === 'wide' && headDim > 40) return headDim > 64 ? ['i8'] : ['f16'];
  return headDim % 4 === 0 ? ['f32', 'f16', 'i8'] : ['f32', 'f16'];
}

const FORMS: Record<string, (shape: Shape) => Pick<AttentionParams, 'form' | 'threads' | 'together'>> = {
  'tiles of 16 keys': () => ({ form: 'tiles', threads: 16, together: 1 }),
  'tiles of 64 keys': () => ({ form: 'tiles', threads: 64, together: 1 }),
  'the form for a real GPU': ({ headDim }) => cardAttention(headDim),
  'the form for a software GPU': (shape) => softwareAttention(shape, 4),
};

describe.each(Object.entries(FORMS))('attention in %s', (_, formOf) => {
  it.each<Shape & { window: number; count: number }>([
    { heads: 1, kvHeads: 1, headDim: 2, window: 0, softcap: 0, alibi: 'none', count: 1 },
    { heads: 4, kvHeads: 2, headDim: 32, window: 0, softcap: 0, alibi: 'none', count: 7 },
    { heads: 6, kvHeads: 1, headDim: 40, window: 9, softcap: 0, alibi: 'exact', count: 6 },
    { heads: 2, kvHeads: 2, headDim: 160, window: 70, softcap: 5, alibi: 'none', count: 4 },
    { heads: 12, kvHeads: 4, headDim: 8, window: 0, softcap: 0, alibi: 'rounded', count: 7 },
    { heads: 4, kvHeads: 1, headDim: 64, window: 0, softcap: 0, alibi: 'none', count: 7 },
  ])(
    '$heads/$kvHeads heads of $headDim, window $window, cap $softcap, ALiBi $alibi',
    async ({ count, window, ...shape }) => {
      const { heads, kvHeads, headDim } = shape;
      const form = formOf(shape);
      for (const kv of formatsOf(headDim, form.form)) {
        // Positions up to the last of eight blocks, the first of all and block borders among them.
        const positions = [0, 15, 16, 127, 64, 63, 100];
        const step = stepCase({ rows: count, longest: 32, positionOf: (row) => positions[row]! });
        const elements = kvElements(kvHeads, headDim);
        const cache = storedKv({ kv, headDim, valuesAt: elements / 2 }, floats(2 * elements));
        await expectSame({
          kernel: attention,
          params: { ...step.params, ...shape, scale: headDim ** -0.5, valuesAt: elements / 2, kv, ...form },
          groups: attentionGroups({ heads, ...form }, count),
          buffers: {
            call: encodeAttentionCall(window),
            q: floats(count * heads * headDim),
            kv: cache,
            o: unwritten(count * padded(heads * headDim)),
            state: step.state,
          },
          compare: { o: 'floats' },
          tolerance: 3e-6,
        });
      }
    },
  );
});
