// The gradient of the residual stream through a norm. `branch-backward` computes that of the branch which the norm's kernel adds first.
// x is the stream as the norm read it: with the branch, or without it where blocks read the same stream side by side.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { sumOverThreads } from '../shared/over-threads.ts';
import source from './norm.backward.wgsl?raw';
import type { NormParams } from './norm.ts';

export type NormBackwardParams = StepParams &
  Pick<NormParams, 'kind' | 'hidden' | 'eps' | 'threads'> & {
    /** `dh` holds the rows listed as outputs, packed together; the others pass nothing back. */
    gather: boolean;
    /** To what `dx` holds; otherwise that is overwritten. */
    adds: boolean;
  };

/** `weightAt`: as in the call of `norm`. */
export const encodeNormBackwardCall = ({ weightAt }: { weightAt: number }): Uint32Array<ArrayBuffer> =>
  new Uint32Array([weightAt, 0, 0, 0]);

/** All rows of the step, gathered or not. */
export const normBackwardGroups = (rows: number): Groups => [rows, 1, 1];

export const normBackward = defineKernel<NormBackwardParams>()({
  name: 'norm-backward',
  bindings: { call: 'uniform', x: 'read', dh: 'read', dx: 'write', vectors: 'read', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({
        THREADS: params.threads,
        HIDDEN: params.hidden,
        VECTORS: params.hidden / 4,
        STRIDE: padded(params.hidden) / 4,
        EPS_F: params.eps,
        CENTRED: +(params.kind === 'layer'),
        COPY: +(params.kind === 'none'),
        GATHER: +params.gather,
        ADDS: +params.adds,
      }),
      source,
      sumOverThreads('vec2<f32>'),
    ].join('\n'),
  reference({ call, x, dh, dx, vectors, state }, params) {
    const { hidden, eps, kind } = params;
    const stride = padded(hidden);
    const weightAt = call.u32[0]!;
    const outputs = state.u32.subarray(params.outputsAt, params.outputsAt + state.u32[HEADER.outputs]!);
    const mean = (valueOf: (i: number) => number) => {
      let sum = 0;
      for (let i = 0; i < hidden; i++) sum += valueOf(i);
      return sum / hidden;
    };
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const place = params.gather ? outputs.indexOf(row) : row;
      const given = (i: number) => (place < 0 ? 0 : dh.f32[place * stride + i]!);
      const gradient = Float64Array.from({ length: hidden }, (_, i) => given(i));
      if (kind !== 'none' && place >= 0) {
        const centre = kind === 'layer' ? mean((i) => x.f32[row * stride + i]!) : 0;
        const apart = Float64Array.from({ length: hidden }, (_, i) => x.f32[row * stride + i]! - centre);
        const r = 1 / Math.sqrt(mean((i) => apart[i]! ** 2) + eps);
        const g = Float64Array.from({ length: hidden }, (_, i) => given(i) * vectors.f32[weightAt + i]!);
        const meanOfG = kind === 'layer' ? mean((i) => g[i]!) : 0;
        const along = mean((i) => g[i]! * apart[i]! * r);
        for (let i = 0; i < hidden; i++) gradient[i] = r * (g[i]! - meanOfG - apart[i]! * r * along);
      }
      for (let i = 0; i < hidden; i++) {
        const at = row * stride + i;
        dx.f32[at] = gradient[i]! + (params.adds ? dx.f32[at]! : 0);
      }
    }
  },
});
