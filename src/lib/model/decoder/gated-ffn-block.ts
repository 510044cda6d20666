// The feed-forward half of a layer with a gate: norm | gate, up (+A) | biases, B, activation | down (+A).
// Its output stays in `activations.branch`; the norm that follows adds it.

import { encodeGluCall, glu, gluGroups } from '#lib/webgpu/kernels/glu/glu.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { stacksOf } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import type { Block } from './attention-block.ts';
import type { DecoderContext } from './decoder-context.ts';
import { linearStages } from './linear-stages.ts';
import { branchOf, ffnNormStage, type Branch } from './norm-stage.ts';
import type { Stage } from './stage.ts';

export async function gatedFfnBlock(
  context: DecoderContext,
  layer: number,
  { gateUp, down, at }: LayerWeights,
  before: Branch,
): Promise<Block> {
  const { architecture: a, activations } = context;
  const { h, gateUp: y, gated, branch } = activations;
  const stacks = stacksOf(a);
  const stages = [
    await ffnNormStage(context, layer, at, before),
    ...(await linearStages(context, gateUp, stacks.gateUp, { layer, x: h, y, yStride: stacks.gateUp.rows })),
    await gluStage(context, layer, at.gateUpBias ?? 0),
    ...(await linearStages(context, down, stacks.down, { layer, x: gated, y: branch, yStride: padded(a.hidden) })),
  ];
  return { stages, branch: branchOf(layer, stacks.down, at.downBias, at.ffnOutNorm) };
}

async function gluStage(context: DecoderContext, layer: number, biasAt: number): Promise<Stage> {
  const { device, architecture: a, sizes, step, cache, activations, vectors, ahead } = context;
  const shape = { ffn: a.ffn, activation: a.activation, bias: a.mlpBias, pool: sizes.poolDtype, ahead } as const;
  const program = await device.program(glu, { ...step, ...shape });
  const firstTarget = stacksOf(a).gateUp.projections[0]!.index;
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} glu`, encodeGluCall({ layer, biasAt, firstTarget })),
    y: activations.gateUp,
    h: activations.gated,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: gluGroups(a.ffn, rows) }) };
}
