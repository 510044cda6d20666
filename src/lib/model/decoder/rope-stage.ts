// The stage between the projections of attention and attention itself: biases, B half of the adapters, per-head norms, rotation, cache.

import { encodeRopeCall, rope, ropeGroups } from '#lib/webgpu/kernels/rope/rope.ts';
import type { Architecture } from '../architecture.ts';
import { stacksOf } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import { headShape } from './attention-stage.ts';
import type { DecoderContext } from './decoder-context.ts';
import type { Stage } from './stage.ts';

export async function ropeStage(context: DecoderContext, layer: number, at: LayerWeights['at']): Promise<Stage> {
  const { device, architecture: a, cache, activations, vectors } = context;
  const program = await device.program(rope, { ...ropeShape(context, layer), ...headShape(context, layer) });
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} rope`, ropeCall(a, layer, at)),
    y: activations.qkv,
    q: activations.q,
    kv: cache.kv[layer]!,
    angles: cache.angles.tables[layer]!,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  const kvHeads = a.projects === 'q' ? 0 : a.kvHeads;
  return { dispatch: ({ rows }) => ({ binding, groups: ropeGroups(a.heads, kvHeads, rows) }) };
}

/** For the kernels of both directions. */
export function ropeShape({ architecture: a, sizes, step, cache, ahead, threads }: DecoderContext, layer: number) {
  return {
    ...step,
    ...{ heads: a.heads, kvHeads: a.kvHeads, headDim: a.headDim },
    projects: a.projects ?? 'qkv',
    valueNorm: a.valueNorm ?? false,
    ropeDim: a.plan[layer]!.rope ? a.ropeDim : 0,
    ofPrompt: cache.angles.hasPrompts[layer]!,
    half: a.ropePairing === 'half',
    norm: a.qkNorm,
    bias: a.qkvBias,
    eps: a.normEps,
    growth: a.queryGrowth?.factor ?? 0,
    growthEvery: a.queryGrowth?.every ?? 1,
    pool: sizes.poolDtype,
    ahead,
    threads: threads.head,
  } as const;
}

export function ropeCall(a: Architecture, layer: number, at: LayerWeights['at']): Uint32Array<ArrayBuffer> {
  const firstTarget = stacksOf(a).qkv.projections[0]!.index;
  const { qkvBias = 0, qNorm = 0, kNorm = 0 } = at;
  return encodeRopeCall({ layer, firstTarget, biasAt: qkvBias, qNormAt: qNorm, kNormAt: kNorm });
}
