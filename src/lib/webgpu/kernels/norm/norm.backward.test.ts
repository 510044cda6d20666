import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { differences, expectGradient, runPlain } from '#tests/support/finite-differences.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { branchBackward } from './branch.backward.ts';
import { encodeNormBackwardCall, normBackward } from './norm.backward.ts';
import { encodeNormCall, norm, type NormParams } from './norm.ts';

const random = createRng(47);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

type Case = Partial<Pick<NormParams, 'kind' | 'branch' | 'post' | 'bias' | 'scale' | 'beside' | 'gather'>>;

const [hidden, rows] = [12, 5];
const elements = rows * padded(hidden);
const call = { layer: 1, target: 6, weightAt: 0, postAt: 2 * hidden, biasAt: 3 * hidden, scaleAt: 4 * hidden };

describe('the gradients of a norm and of the branch that it adds', () => {
  it.each<Case>([
    { kind: 'rms' },
    { kind: 'rms', branch: true, post: true, bias: true, scale: true },
    { kind: 'rms', branch: true, bias: true, scale: true },
    { kind: 'rms', gather: true },
    { kind: 'none', branch: true, post: true },
    { kind: 'layer', branch: true, bias: true },
    { kind: 'layer', branch: true, bias: true, beside: true },
    { kind: 'layer', gather: true },
  ])('equal differences of the plain form: %o', (of) => {
    const plain = { kind: 'rms', branch: false, post: false, bias: false, scale: false, beside: false, gather: false };
    const kind = { ...plain, ...of } as Required<Case>;
    const outputs = kind.gather ? [3, 0, 4] : [];
    const step = stepCase({ rows, longest: hidden, ranks: [2, 3], outputs });
    const shape = { hidden, eps: 1e-6, residual: 0.7, pool: 'f32', ahead: 1, threads: 1 } as const;
    const params = { ...step.params, ...shape, ...kind };
    const { state, pool } = step;
    const shared = { vectors: floats(4 * hidden + 4), state };
    const branch = { call: encodeNormCall(call), y: floats(elements), z: step.z(1, 6, 1), pool };
    const x = floats(elements);
    const forward = { kernel: norm, params, buffers: { ...shared, ...branch, x, h: new Float32Array(elements) } };
    // What comes in: the gradients of both outputs. Where the norm is the last stage, nothing else reads the stream.
    const given = { h: floats(elements), x: floats(elements).map((value) => (kind.gather ? 0 : value)) };
    const normed = Float32Array.from(kind.beside ? x : runPlain(forward).x);

    const throughNorm = (dx: Float32Array) =>
      Float32Array.from(
        runPlain({
          kernel: normBackward,
          params: { ...params, adds: !kind.gather },
          buffers: { ...shared, call: encodeNormBackwardCall(call), x: normed, dh: given.h, dx },
        }).dx,
      );
    const throughBranch = (dx: Float32Array) =>
      runPlain({
        kernel: branchBackward,
        params,
        buffers: { ...shared, ...branch, dx, dy: new Float32Array(elements) },
      });
    let dx = kind.gather ? new Float32Array(elements) : given.x;
    if (!kind.beside) dx = throughNorm(dx);
    if (kind.branch) {
      const passed = throughBranch(dx);
      expectGradient(passed.dy, inRows(differences(forward, given, 'y')), 1e-5);
      dx = Float32Array.from(passed.dx);
    }
    if (kind.beside) dx = throughNorm(dx);
    expectGradient(Float64Array.from(dx), inRows(differences(forward, given, 'x')), 1e-5);
  });
});

/** Behind the elements of a row there may be anything. */
const inRows = (gradient: Float64Array): Float64Array =>
  gradient.map((value, i) => (i % padded(hidden) < hidden ? value : NaN));
