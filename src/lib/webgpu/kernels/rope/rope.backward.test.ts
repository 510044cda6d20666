import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { differences, expectGradient, runPlain } from '#tests/support/finite-differences.ts';
import { cachedElements, kvElements, packedRows, stepCase } from '#tests/support/step-case.ts';
import { projectedHeads } from './projected-heads.ts';
import { ropeBackward } from './rope.backward.ts';
import { encodeRopeCall, rope, type RopeParams } from './rope.ts';

const random = createRng(73);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

type Case = Pick<RopeParams, 'ropeDim' | 'half' | 'norm'> & Partial<Pick<RopeParams, 'projects' | 'valueNorm'>>;

describe('the gradient of rope', () => {
  it.each<Case>([
    { ropeDim: 8, half: true, norm: 'none' },
    { ropeDim: 4, half: false, norm: 'head' },
    { ropeDim: 4, half: true, norm: 'whole' },
    { ropeDim: 0, half: true, norm: 'head', valueNorm: true },
    { ropeDim: 8, half: true, norm: 'head', valueNorm: true, projects: 'qk' },
    { ropeDim: 8, half: true, norm: 'none', projects: 'qk' },
    { ropeDim: 8, half: false, norm: 'whole', projects: 'q' },
  ])('equals differences of its plain form: %o', (of) => {
    const [heads, kvHeads, headDim] = [4, 2, 8];
    const shape = { heads, kvHeads, headDim, projects: 'qkv', valueNorm: false, ...of } as const;
    const step = stepCase({ ...packedRows([2, 1]), longest: heads * headDim, ranks: [2, 3] });
    const { rows, state, pool } = step;
    const elements = kvElements(kvHeads, headDim);
    const params = {
      ...{ ...step.params, ...shape, ofPrompt: of.half, bias: true, eps: 1e-6, growth: 0.3, growthEvery: 2 },
      ...({ valuesAt: elements / 2, kv: 'f32', pool: 'f32', ahead: 1, threads: 1 } as const),
    };
    const all = heads + 2 * kvHeads;
    const vectorsOf = all * headDim;
    const shared = {
      call: encodeRopeCall({ layer: 1, firstTarget: 0, biasAt: 0, qNormAt: vectorsOf, kNormAt: 2 * vectorsOf }),
      y: floats(rows * projectedHeads(shape) * headDim),
      angles: floats(64 * 8),
      vectors: floats(3 * vectorsOf),
      z: step.z(1, 0, 3),
      pool,
      state,
    };
    const dheads = floats(rows * all * headDim);
    const given = { q: new Float32Array(rows * heads * headDim), kv: new Float32Array(2 * elements) };
    for (let row = 0; row < rows; row++) {
      const ofRow = dheads.subarray(row * all * headDim, (row + 1) * all * headDim);
      given.q.set(ofRow.subarray(0, heads * headDim), row * heads * headDim);
      if (shape.projects === 'q') continue;
      cachedElements(step, row, kvHeads, headDim).forEach((at, i) => (given.kv[at] = ofRow[heads * headDim + i]!));
    }
    const forward = {
      kernel: rope,
      params,
      buffers: { ...shared, q: new Float32Array(given.q.length), kv: new Float32Array(2 * elements) },
    };
    const { dy } = runPlain({
      kernel: ropeBackward,
      params,
      buffers: { ...shared, dheads, dy: new Float32Array(shared.y.length) },
    });
    expectGradient(dy, differences(forward, given, 'y'));
  });
});
