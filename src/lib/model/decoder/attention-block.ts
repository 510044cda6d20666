// The attention half of a layer: norm | q, k, v (+A) | biases, B, per-head norms, rotation, cache | attention | o (+A).
// Its output stays in `activations.branch`; the norm that follows adds it.

import { padded } from '#lib/webgpu/matrix.ts';
import { stacksOf } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import { attentionBackward } from './attention-backward.ts';
import { attentionStage } from './attention-stage.ts';
import type { BlockBackward } from './backward-stage.ts';
import type { DecoderContext } from './decoder-context.ts';
import { linearStages } from './linear-stages.ts';
import { branchOf, normStage, type Branch } from './norm-stage.ts';
import { ropeStage } from './rope-stage.ts';
import type { Stage } from './stage.ts';

/** Stages over `activations.x`, and the output that they leave to be added. */
export interface Block<B extends Branch | null = Branch> {
  stages: Stage[];
  branch: B;
  /** Present where the context was made for training. */
  backward?: BlockBackward;
}

export async function attentionBlock(
  context: DecoderContext,
  layer: number,
  weights: LayerWeights,
  before: Branch | null,
): Promise<Block> {
  const { at } = weights;
  const { architecture: a, activations } = context;
  const { h, qkv: y, attended, branch } = activations;
  const stacks = stacksOf(a);
  const stages = [
    await normStage(context, { before, weightAt: at.attentionNorm ?? null, point: `attentionNorm ${layer}` }),
    ...(await linearStages(context, weights.qkv!, stacks.qkv, { layer, x: h, y, yStride: stacks.qkv.rows })),
    await ropeStage(context, layer, at),
    await attentionStage(context, layer),
    ...(await linearStages(context, weights.o!, stacks.o, {
      layer,
      x: attended,
      y: branch,
      yStride: padded(a.hidden),
    })),
  ];
  return {
    ...{ stages, branch: branchOf(activations, layer, stacks.o, at.oBias, at.attentionOutNorm) },
    ...(context.training && { backward: await attentionBackward(context, layer, weights) }),
  };
}
