import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { ROW, SLOT } from '../../step-state.ts';
import { embeddingGradients, embeddingGradientsGroups, encodeEmbeddingGradientsCall } from './embedding-gradients.ts';
import { encodeTableGradientsCall, tableGradients, tableGradientsGroups } from './table-gradients.ts';

const random = createRng(61);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

describe('gradients of a table of an adapter', () => {
  const { params, state } = stepCase({ rows: 8, longest: 32, ranks: [2, 3, 4], outputs: [6, 1, 7] });
  // One sequence uses the second adapter alone, another in a blend, the others not at all.
  const descriptor = state[params.slotsAt + SLOT.words + SLOT.blend]!;

  it.each([
    { rows: 1, columns: 32, yStride: 32, ofOutputs: true },
    { rows: 77, columns: 160, yStride: 80, ofOutputs: true },
    { rows: 30, columns: 32, yStride: 32, ofOutputs: false },
  ])('$rows rows of $columns, of outputs: $ofOutputs', (of) => {
    const call = { ...of, descriptor };
    return expectSame({
      ...{ kernel: tableGradients, params, groups: tableGradientsGroups(call), tolerance: 3e-6 },
      buffers: {
        ...{ call: encodeTableGradientsCall(call), state },
        ...{
          dy: floats(8 * call.yStride),
          x: floats(8 * call.columns),
          sums: floats(Math.ceil(call.rows / 8) * 8 * call.columns),
        },
      },
      compare: { sums: 'floats' },
    });
  });

  it('rows of one token add up', () => {
    const tokens = state.slice();
    for (let row = 0; row < 8; row++) tokens[params.rowsAt + row * ROW.words + ROW.token] = row % 3;
    const columns = 160;
    return expectSame({
      ...{ kernel: embeddingGradients, params, groups: embeddingGradientsGroups(columns), tolerance: 2e-6 },
      buffers: {
        call: encodeEmbeddingGradientsCall({ columns, descriptor, scale: 1.5 }),
        ...{ dx: floats(8 * columns), sums: floats(8 * columns), state: tokens },
      },
      compare: { sums: 'floats' },
    });
  });
});
