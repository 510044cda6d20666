// Adds the bias of the head to the logits of every output of the step.

import { constants, type Groups, defineKernel } from '../../kernel.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import source from './head-bias.wgsl?raw';

const THREADS = 64;

/** `biasAt`: where it begins in `vectors`. */
export const encodeHeadBiasCall = ({ biasAt, vocab }: { biasAt: number; vocab: number }): Uint32Array<ArrayBuffer> =>
  new Uint32Array([biasAt, vocab, 0, 0]);

export const headBiasGroups = (vocab: number, outputs: number): Groups => [Math.ceil(vocab / THREADS), outputs, 1];

export const headBias = defineKernel<StepParams>()({
  name: 'head-bias',
  bindings: { call: 'uniform', vectors: 'read', logits: 'write', state: 'read' },
  wgsl: (params) => [stepConstants(params), constants({ THREADS }), source].join('\n'),
  reference({ call, vectors, logits, state }) {
    const [biasAt, vocab] = call.u32 as unknown as [number, number];
    for (let out = 0; out < state.u32[HEADER.outputs]!; out++) {
      for (let n = 0; n < vocab; n++) logits.f32[out * vocab + n]! += vectors.f32[biasAt + n]!;
    }
  },
});
