import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { encodeLayerInputCall, layerInput, layerInputGroups } from './layer-input.ts';

const random = createRng(37);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

describe.each([8, 64])('layer-input with %i threads', (threads) => {
  it.each([
    { width: 4, count: 1, ranks: [] },
    { width: 12, count: 5, ranks: [3, 5] },
    { width: 260, count: 3, ranks: [2] },
  ])('$width wide, $count rows', async ({ width, count, ranks }) => {
    const step = stepCase({ rows: count, longest: width, ranks, dora: true });
    const ofAll = 2 * width;
    await expectSame({
      kernel: layerInput,
      params: { ...step.params, width, ofAll, scale: 0.3, eps: 1e-6, pool: 'f32', ahead: threads > 8 ? 4 : 1, threads },
      groups: layerInputGroups(count),
      buffers: {
        call: encodeLayerInputCall({ layer: 1, target: 2, weightAt: 4 }),
        y: floats(count * width),
        x: floats(count * padded(ofAll)),
        h: unwritten(count * width),
        vectors: floats(4 + width),
        z: step.z(1, 2, 1),
        pool: step.pool,
        state: step.state,
      },
      compare: { h: 'floats' },
      tolerance: 2e-6,
    });
  });
});
