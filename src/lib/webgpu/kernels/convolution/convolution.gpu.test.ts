import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { kvElements, packHalves, stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { convolutionIn, convolutionInGroups, encodeConvolutionInCall } from '../convolution-in/convolution-in.ts';
import { convolution, convolutionGroups, encodeConvolutionCall } from './convolution.ts';

const random = createRng(43);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

describe.each(['f32', 'f16'] as const)('a short convolution over a cache in %s', (kv) => {
  const cases = [
    { hidden: 4, span: 3, count: 1, bias: false, ranks: [] },
    { hidden: 20, span: 4, count: 7, bias: true, ranks: [3, 5] },
    { hidden: 132, span: 3, count: 8, bias: false, ranks: [2, 4] },
    { hidden: 12, span: 17, count: 6, bias: true, ranks: [1] },
  ];
  const prepared = ({ hidden, count, ranks }: (typeof cases)[number]) => {
    // From the first tokens, over the border of a block, and from the slot.
    const positions = [0, 1, 2, 16, 17, 33, null, 100];
    const step = stepCase({
      rows: count,
      longest: 3 * hidden,
      ranks,
      dora: true,
      positionOf: (row) => positions[row]!,
    });
    const { pool, state } = step;
    return {
      step,
      params: { ...step.params, hidden, kv, pool: 'f32' as const, ahead: hidden > 12 ? (4 as const) : (1 as const) },
      buffers: { y: floats(count * 3 * hidden), z: step.z(1, 2, 1), pool, state },
    };
  };

  it.each(cases)('$hidden channels, $span tokens, $count rows', async (of) => {
    const { hidden, span, count, bias } = of;
    const { params, buffers } = prepared(of);
    const tokens = floats(kvElements(1, hidden));
    await expectSame({
      kernel: convolution,
      params: { ...params, span, bias },
      groups: convolutionGroups(hidden, count),
      buffers: {
        call: encodeConvolutionCall({
          ...{ layer: 1, target: 2, biasAt: 4 },
          weightAt: 4 + 3 * hidden,
          convolutionBiasAt: 4 + (3 + span) * hidden,
        }),
        ...buffers,
        tokens: kv === 'f16' ? packHalves(tokens) : tokens,
        o: unwritten(count * padded(hidden)),
        vectors: floats(4 + (4 + span) * hidden),
      },
      compare: { o: 'floats' },
      tolerance: 3e-6,
    });
  });

  it.each(cases)('keeps of $count rows what it reads of $hidden channels', async (of) => {
    const { hidden, count, bias } = of;
    const { params, buffers } = prepared(of);
    const elements = kvElements(1, hidden);
    await expectSame({
      kernel: convolutionIn,
      params: { ...params, bias },
      groups: convolutionInGroups(hidden, count),
      buffers: {
        call: encodeConvolutionInCall({ layer: 1, target: 2, biasAt: 4 }),
        ...buffers,
        tokens: new Float32Array(kv === 'f16' ? elements / 2 : elements),
        vectors: floats(4 + 3 * hidden),
      },
      compare: kv === 'f32' ? { tokens: 'floats' } : {},
      tolerance: 3e-6,
    });
  });
});
