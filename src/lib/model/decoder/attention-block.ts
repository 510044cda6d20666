// The attention half of a layer: norm | q, k, v (+A) | biases, B, per-head norms, rotation, cache | attention | o (+A).
// Its output stays in `activations.branch`; the norm that follows adds it.

import { encodeRopeCall, rope, ropeGroups } from '#lib/webgpu/kernels/rope/rope.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { stacksOf } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import { attentionStage, headShape } from './attention-stage.ts';
import type { DecoderContext } from './decoder-context.ts';
import { linearStages } from './linear-stages.ts';
import { branchOf, normStage, type Branch } from './norm-stage.ts';
import type { Stage } from './stage.ts';

/** Stages over `activations.x`, and the output that they leave to be added. */
export interface Block<B extends Branch | null = Branch> {
  stages: Stage[];
  branch: B;
}

export async function attentionBlock(
  context: DecoderContext,
  layer: number,
  { at, ...weights }: LayerWeights,
  before: Branch | null,
): Promise<Block> {
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
  return { stages, branch: branchOf(layer, stacks.o, at.oBias, at.attentionOutNorm) };
}

async function ropeStage(context: DecoderContext, layer: number, at: LayerWeights['at']): Promise<Stage> {
  const { device, architecture: a, sizes, step, cache, activations, vectors, ahead, threads } = context;
  const { angles } = cache;
  const { projects = 'qkv' } = a;
  const program = await device.program(rope, {
    ...step,
    ...headShape(context, layer),
    projects,
    valueNorm: a.valueNorm ?? false,
    ropeDim: a.plan[layer]!.rope ? a.ropeDim : 0,
    ofPrompt: angles.hasPrompts[layer]!,
    half: a.ropePairing === 'half',
    norm: a.qkNorm,
    bias: a.qkvBias,
    eps: a.normEps,
    growth: a.queryGrowth?.factor ?? 0,
    growthEvery: a.queryGrowth?.every ?? 1,
    pool: sizes.poolDtype,
    ahead,
    threads: threads.head,
  });
  const firstTarget = stacksOf(a).qkv.projections[0]!.index;
  const { qkvBias = 0, qNorm = 0, kNorm = 0 } = at;
  const call = encodeRopeCall({ layer, firstTarget, biasAt: qkvBias, qNormAt: qNorm, kNormAt: kNorm });
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} rope`, call),
    y: activations.qkv,
    q: activations.q,
    kv: cache.kv[layer]!,
    angles: angles.tables[layer]!,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: ropeGroups(a.heads, projects === 'q' ? 0 : a.kvHeads, rows) }) };
}
