// The end of a forward pass and the beginning of the backward pass, over a chunk of labelled rows: final norm, head, loss, and back to the
// gradient of the stream. So the logits of all rows are never in memory together.

import type { BackwardCounts } from '#lib/model/decoder/backward-stage.ts';
import type { DecoderContext } from '#lib/model/decoder/decoder-context.ts';
import { headBiasStages, headOf } from '#lib/model/decoder/end-stages.ts';
import { normBackwardStage } from '#lib/model/decoder/norm-backward-stages.ts';
import { normStage } from '#lib/model/decoder/norm-stage.ts';
import type { StepCounts } from '#lib/model/decoder/stage.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import {
  crossEntropy,
  crossEntropyGroups,
  encodeCrossEntropyCall,
} from '#lib/webgpu/kernels/cross-entropy/cross-entropy.ts';
import { encodeTargets, TARGET, type Target } from '#lib/webgpu/kernels/cross-entropy/targets.ts';
import {
  encodeLinearBackwardCall,
  linearBackward,
  linearBackwardGroups,
  linearBackwardShape,
} from '#lib/webgpu/kernels/linear/linear.backward.ts';
import { hits } from '#lib/webgpu/kernels/hits/hits.ts';
import { HEADER } from '#lib/webgpu/step-state.ts';

export interface LossStages {
  /** Of each target, at its place. */
  readonly losses: DeviceBuffer;
  /** 1 for each target that is the likeliest token, else 0; written by `score` alone. */
  readonly hits: DeviceBuffer;
  /** Those of the next pass. */
  targets(targets: readonly Target[]): void;
  /** To be submitted before the next call. The outputs of the step are those of the targets from `first` on. */
  chunk(first: number, counts: StepCounts & BackwardCounts): Dispatch[];
  /** The same without gradients. */
  score(first: number, counts: StepCounts): Dispatch[];
  destroy(): void;
}

export async function createLossStages(context: DecoderContext, weights: ModelWeights): Promise<LossStages> {
  const { device, architecture: a, sizes, step, cache, activations, training, threads } = context;
  const { x, logits } = activations;
  const state = cache.state;
  const targets = device.createBuffer('targets', sizes.maxRows * TARGET.words * 4);
  const losses = device.createBuffer('losses', sizes.maxRows * 4);
  const hitsOf = device.createBuffer('hits', sizes.maxRows * 4);
  const call = device.createBuffer('cross-entropy call', 16);
  const norm = await normStage(context, { before: null, weightAt: weights.finalNormAt, gather: true });
  const head = await headOf(context, weights.head);
  const bias = await headBiasStages(context, weights.headBiasAt);
  const lossShape = { vocab: a.vocab, logitScale: a.logitScale, softcap: a.logitSoftcap ?? 0 };
  const program = await device.program(crossEntropy, { ...lossShape, threads: threads.sampling });
  const loss = device.bind(program, { call, targets, logits, losses });
  const hitsProgram = await device.program(hits, { vocab: a.vocab, threads: threads.sampling });
  const hit = device.bind(hitsProgram, { call, targets, logits, hits: hitsOf });
  const shape = linearBackwardShape(device);
  const { dtype, groups, parts } = weights.head;
  const backward = await device.program(linearBackward, { ...step, ...shape, dtype });
  const back = parts.map(({ firstRow, rows, weights: packed, scales }) => {
    const part = { rows, firstRow, groups, yStride: a.vocab, countWord: HEADER.outputs, adds: firstRow > 0 };
    const words = context.call('head backward', encodeLinearBackwardCall(part));
    const bound = { call: words, dy: logits, weights: packed, scales, dx: training!.gradients.h, state };
    return { part, binding: device.bind(backward, bound) };
  });
  const place = { x, weightAt: weights.finalNormAt, gather: true };
  const first = await normBackwardStage(context, { ...place, adds: false });
  const later = await normBackwardStage(context, place);
  const logitsOf = (counts: StepCounts) => [
    norm.dispatch(counts),
    ...head.parts.map((part) => part(counts.outputs, 0)),
    ...bias.map((stage) => stage.dispatch(counts)),
  ];
  return {
    losses,
    hits: hitsOf,
    targets: (all) => device.write(targets, 0, encodeTargets(all)),
    chunk(at, counts) {
      const { outputs } = counts;
      device.write(call, 0, encodeCrossEntropyCall({ first: at, count: outputs }));
      const stream = (at === 0 ? first : later).dispatch(counts);
      return [
        ...logitsOf(counts),
        { binding: loss, groups: crossEntropyGroups(outputs) },
        ...back.map(({ part, binding }) => ({ binding, groups: linearBackwardGroups(part, outputs, shape) })),
        ...(stream ? [stream] : []),
      ];
    },
    score(at, counts) {
      const groups = crossEntropyGroups(counts.outputs);
      device.write(call, 0, encodeCrossEntropyCall({ first: at, count: counts.outputs }));
      return [...logitsOf(counts), { binding: hit, groups }, { binding: loss, groups }];
    },
    destroy() {
      for (const buffer of [targets, losses, hitsOf, call]) buffer.destroy();
    },
  };
}
