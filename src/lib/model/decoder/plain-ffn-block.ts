// The feed-forward half of a layer without a gate: norm | up (+A) | bias, B, activation | down (+A).
// Its output stays in `activations.branch`; the norm that follows adds it.

import { act, actGroups, encodeActCall } from '#lib/webgpu/kernels/act/act.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { stacksOf } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import type { Block } from './attention-block.ts';
import type { DecoderContext } from './decoder-context.ts';
import { linearStages } from './linear-stages.ts';
import { branchOf, ffnNormStage, type Branch } from './norm-stage.ts';
import type { Stage } from './stage.ts';

export async function plainFfnBlock(
  context: DecoderContext,
  layer: number,
  { at, ...weights }: LayerWeights,
  before: Branch,
): Promise<Block> {
  const { architecture: a, activations } = context;
  const { h, gateUp: y, gated, branch } = activations;
  const stacks = stacksOf(a);
  const stages = [
    await ffnNormStage(context, layer, at, before),
    ...(await linearStages(context, weights.gateUp!, stacks.gateUp, { layer, x: h, y, yStride: stacks.gateUp.rows })),
    await actStage(context, layer, at.gateUpBias ?? 0),
    ...(await linearStages(context, weights.down!, stacks.down, {
      layer,
      x: gated,
      y: branch,
      yStride: padded(a.hidden),
    })),
  ];
  return { stages, branch: branchOf(layer, stacks.down, at.downBias, at.ffnOutNorm) };
}

async function actStage(context: DecoderContext, layer: number, biasAt: number): Promise<Stage> {
  const { device, architecture: a, sizes, step, cache, activations, vectors, ahead } = context;
  const shape = { ffn: a.ffn, activation: a.activation, bias: a.mlpBias, pool: sizes.poolDtype, ahead } as const;
  const program = await device.program(act, { ...step, ...shape });
  const target = stacksOf(a).gateUp.projections[0]!.index;
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} act`, encodeActCall({ layer, biasAt, target })),
    y: activations.gateUp,
    h: activations.gated,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: actGroups(a.ffn, rows) }) };
}
