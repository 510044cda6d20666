// The feed-forward half of a layer with a gate: norm | gate, up (+A) | biases, B, activation | down (+A).
// Its output stays in `activations.branch`; the norm that follows adds it.

import { padded } from '#lib/webgpu/matrix.ts';
import { stacksOf } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import type { Block } from './attention-block.ts';
import type { DecoderContext } from './decoder-context.ts';
import { gluStage } from './glu-stage.ts';
import { ffnBackward } from './ffn-backward.ts';
import { linearStages } from './linear-stages.ts';
import { branchOf, ffnNormStage, type Branch } from './norm-stage.ts';

export async function gatedFfnBlock(
  context: DecoderContext,
  layer: number,
  weights: LayerWeights,
  before: Branch,
): Promise<Block> {
  const { at } = weights;
  const { architecture: a, activations } = context;
  const { h, gateUp: y, gated, branch } = activations;
  const stacks = stacksOf(a);
  const stages = [
    await ffnNormStage(context, layer, at, before),
    ...(await linearStages(context, weights.gateUp!, stacks.gateUp, { layer, x: h, y, yStride: stacks.gateUp.rows })),
    await gluStage(context, layer, { stack: stacks.gateUp, gated, biasAt: at.gateUpBias ?? null }),
    ...(await linearStages(context, weights.down!, stacks.down, {
      layer,
      x: gated,
      y: branch,
      yStride: padded(a.hidden),
    })),
  ];
  return {
    ...{ stages, branch: branchOf(activations, layer, stacks.down, at.downBias, at.ffnOutNorm) },
    ...(context.training && { backward: await ffnBackward(context, layer, weights) }),
  };
}
