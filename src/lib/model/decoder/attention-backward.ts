// The attention half of a layer backwards: o | attention | rotation, per-head norms | q, k, v | norm.

import {
  attentionBackwardGroups,
  attentionBackwardThreads,
  attentionKeysBackward,
  attentionQueriesBackward,
} from '#lib/webgpu/kernels/attention/attention.backward.ts';
import { encodeAttentionCall } from '#lib/webgpu/kernels/attention/attention.ts';
import { ropeBackward, ropeBackwardGroups } from '#lib/webgpu/kernels/rope/rope.backward.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { stacksOf } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import { backwardStage, type BackwardStage, type BlockBackward } from './backward-stage.ts';
import type { DecoderContext } from './decoder-context.ts';
import { linearBackwardStages } from './linear-backward-stages.ts';
import { normBackwardStage } from './norm-backward-stages.ts';
import { ropeCall, ropeShape } from './rope-stage.ts';

export async function attentionBackward(
  context: DecoderContext,
  layer: number,
  { at, ...weights }: LayerWeights,
): Promise<BlockBackward> {
  const { architecture: a, activations, training } = context;
  const { gradients, inputs, adapters } = training!;
  const { h, qkv, attended, branch, z, branchZ } = activations;
  const stacks = stacksOf(a);
  const o = {
    ...{ layer, x: attended, y: branch, yStride: padded(a.hidden), z: branchZ },
    ...{ dy: gradients.branch, dx: gradients.attended, adds: false },
  };
  const projections = {
    ...{ layer, x: h, y: qkv, yStride: stacks.qkv.rows, z },
    ...{ dy: gradients.qkv, dx: gradients.h, adds: false },
  };
  return {
    inner: [
      ...(await linearBackwardStages(context, weights.o!, stacks.o, o, adapters[layer]!)),
      ...(await headStages(context, layer, at)),
      ...(await linearBackwardStages(context, weights.qkv!, stacks.qkv, projections, adapters[layer]!)),
    ],
    norm: await normBackwardStage(context, { x: inputs[layer]!, weightAt: at.attentionNorm ?? null }),
  };
}

/** From the gradient of what attention gives to that of q, k and v as projected. */
async function headStages(context: DecoderContext, layer: number, at: LayerWeights['at']): Promise<BackwardStage[]> {
  const { device, architecture: a, step, cache, activations, vectors, training } = context;
  const { attended: dout, stats, heads: dheads, qkv: dy } = training!.gradients;
  const { q, attended: o, qkv: y, z } = activations;
  const { heads, kvHeads, headDim, alibi, attentionScale: scale, attentionSoftcap } = a;
  const state = cache.state;
  const kv = cache.kv[layer]!;
  const shape = {
    ...{ ...step, heads, kvHeads, headDim, alibi, scale, softcap: attentionSoftcap ?? 0 },
    ...{ valuesAt: cache.valuesAt[layer]!, threads: attentionBackwardThreads(device) },
  };
  const call = context.call(`layer ${layer} attention backward`, encodeAttentionCall(a.plan[layer]!.window ?? 0));
  const rotated = ropeShape(context, layer);
  const angles = cache.angles.tables[layer]!;
  const ofRope = context.call(`layer ${layer} rope backward`, ropeCall(a, layer, at));
  return Promise.all([
    backwardStage(device, attentionQueriesBackward, shape, { call, q, kv, o, dout, stats, dheads, state }, ({ rows }) =>
      attentionBackwardGroups(heads, rows),
    ),
    backwardStage(
      device,
      attentionKeysBackward,
      { ...shape, adds: false },
      { call, q, kv, dout, stats, dheads, state },
      ({ rows }) => attentionBackwardGroups(kvHeads, rows),
    ),
    backwardStage(
      device,
      ropeBackward,
      rotated,
      { call: ofRope, y, dheads, dy, angles, vectors, z, pool: cache.pools[layer]!, state },
      ({ rows }) => ropeBackwardGroups(rotated, rows),
    ),
  ]);
}
