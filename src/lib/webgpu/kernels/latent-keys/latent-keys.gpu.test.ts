import { it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { BLOCK_TOKENS } from '../../step-state.ts';
import { encodeLatentKeysCall, latentKeys, latentKeysGroups } from './latent-keys.ts';

const random = createRng(71);
const BLOCKS = 48;

it.each([
  { heads: 1, nopeDim: 4, ropeDim: 4, valueDim: 8, kv: 'f32', count: 1, ranks: [] },
  { heads: 3, nopeDim: 12, ropeDim: 8, valueDim: 16, kv: 'f16', count: 5, ranks: [3, 5] },
  { heads: 2, nopeDim: 32, ropeDim: 16, valueDim: 24, kv: 'f32', count: 4, ranks: [16] },
] as const)('latent-keys of $heads heads, $nopeDim + $ropeDim, values of $valueDim in $kv', async (of) => {
  const { heads, nopeDim, ropeDim, valueDim, kv, count } = of;
  const outputs = heads * (nopeDim + valueDim);
  const ranks = [...of.ranks];
  const step = stepCase({ rows: count, longest: outputs, ranks, dora: true, positionOf: (row) => 5 * row + 3 });
  const valuesAt = (BLOCKS * heads * BLOCK_TOKENS * (nopeDim + ropeDim)) / 2;
  await expectSame({
    kernel: latentKeys,
    params: { ...step.params, heads, nopeDim, ropeDim, valueDim, valuesAt, kv, pool: 'f32', ahead: 1 },
    groups: latentKeysGroups(heads, nopeDim + ropeDim, count),
    buffers: {
      call: encodeLatentKeysCall({ layer: 1, target: 2 }),
      y: Float32Array.from({ length: count * outputs }, () => random.normal()),
      tail: Float32Array.from({ length: count * ropeDim }, () => random.normal()),
      kv: new Uint32Array(2 * valuesAt * (kv === 'f32' ? 2 : 1)),
      angles: Float32Array.from({ length: 64 * ropeDim }, () => random.normal()),
      z: step.z(1, 2, 1),
      pool: step.pool,
      state: step.state,
    },
    // Halves are compared as the floats whose bits they are: rounding at a border would be a difference of 2^-10.
    compare: { kv: 'floats' },
    tolerance: kv === 'f32' ? 2e-6 : 2e-3,
  });
});
