// The attention half of a layer with latent vectors: norm | q or its latent, latent of keys (+A) | norms of the latents | q from its latent (+A) |
// rotation | keys and values from their latent (+A) | rotation, cache | attention | values packed | o (+A).
// The cache holds expanded keys and values, so that attention is that of other models.

import { encodeLatentCall, latent, latentGroups } from '#lib/webgpu/kernels/latent/latent.ts';
import { encodeLatentKeysCall, latentKeys, latentKeysGroups } from '#lib/webgpu/kernels/latent-keys/latent-keys.ts';
import {
  encodeLatentQueriesCall,
  latentQueries,
  latentQueriesGroups,
} from '#lib/webgpu/kernels/latent-queries/latent-queries.ts';
import { takeHeads, takeHeadsGroups } from '#lib/webgpu/kernels/take-heads/take-heads.ts';
import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { stacksOf, type Projection } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import type { Block } from './attention-block.ts';
import { attentionStage } from './attention-stage.ts';
import { unscaled } from './cached-runs.ts';
import type { DecoderContext } from './decoder-context.ts';
import { linearStages } from './linear-stages.ts';
import { branchOf, normStage, type Branch } from './norm-stage.ts';
import type { Stage } from './stage.ts';

export async function latentAttentionBlock(
  context: DecoderContext,
  layer: number,
  { at, ...weights }: LayerWeights,
  before: Branch | null,
): Promise<Block> {
  const { architecture: a, activations } = context;
  const { h, qkv, branch } = activations;
  const { ofQuery, ofKeys, tail, queries, keysAndValues, values } = activations.latent!;
  const stacks = stacksOf(a);
  const [ofQ, ofKv] = stacks.qkv.projections as [Projection, Projection];
  const hasLatent = a.latent!.queryRank !== null;
  const stages = [
    await normStage(context, { before, weightAt: at.attentionNorm ?? null, point: `attentionNorm ${layer}` }),
    ...(await linearStages(context, weights.qkv!, stacks.qkv, { layer, x: h, y: qkv, yStride: stacks.qkv.rows })),
    await latentStage(context, layer, { of: ofKv, place: 1, tail, to: ofKeys, weightAt: at.kvLatentNorm! }),
  ];
  if (hasLatent) {
    const flow = { layer, x: ofQuery, y: queries, yStride: stacks.qB.rows };
    stages.push(
      await latentStage(context, layer, { of: ofQ, place: 0, tail: null, to: ofQuery, weightAt: at.qLatentNorm! }),
      ...(await linearStages(context, weights.qB!, stacks.qB, flow)),
      await queriesStage(context, layer, { y: queries, of: stacks.qB.projections[0]!, stride: stacks.qB.rows }),
    );
  } else {
    stages.push(await queriesStage(context, layer, { y: qkv, of: ofQ, stride: stacks.qkv.rows }));
  }
  const flow = { layer, x: ofKeys, y: keysAndValues, yStride: stacks.kvB.rows };
  stages.push(
    ...(await linearStages(context, weights.kvB!, stacks.kvB, flow)),
    await keysStage(context, layer, stacks.kvB.projections[0]!),
    await attentionStage(context, layer),
    await valuesStage(context),
    ...(await linearStages(context, weights.o!, stacks.o, { layer, x: values, y: branch, yStride: padded(a.hidden) })),
  );
  return { stages, branch: branchOf(activations, layer, stacks.o, at.oBias, at.attentionOutNorm) };
}

interface LatentPlace {
  of: Projection;
  /** Among the projections of its stack. */
  place: number;
  /** Takes the outputs behind the latent vector; null where there are none. */
  tail: DeviceBuffer | null;
  to: DeviceBuffer;
  weightAt: number;
}

async function latentStage(context: DecoderContext, layer: number, place: LatentPlace): Promise<Stage> {
  const { device, architecture: a, sizes, step, cache, activations, vectors, ahead, threads } = context;
  const { of, tail, to, weightAt } = place;
  const behind = tail ? a.ropeDim : 0;
  const shape = { width: of.output - behind, tail: behind, eps: LATENT_EPS, threads: threads.row } as const;
  const program = await device.program(latent, { ...step, ...shape, pool: sizes.poolDtype, ahead });
  const stride = stacksOf(a).qkv.rows;
  const call = { layer, target: of.index, zTarget: place.place, first: of.firstRow, stride, weightAt };
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} latent`, encodeLatentCall(call)),
    y: activations.qkv,
    h: to,
    tail: tail ?? activations.latent!.values,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: latentGroups(rows) }) };
}

/** The norms of latent vectors do not read `rms_norm_eps`. */
const LATENT_EPS = 1e-6;

async function queriesStage(
  context: DecoderContext,
  layer: number,
  { y, of, stride }: { y: DeviceBuffer; of: Projection; stride: number },
): Promise<Stage> {
  const { device, architecture: a, sizes, step, cache, activations, ahead } = context;
  const { heads, headDim, ropeDim } = a;
  const program = await device.program(latentQueries, {
    ...step,
    ...{ heads, headDim, ropeDim, pool: sizes.poolDtype, ahead },
  });
  const call = encodeLatentQueriesCall({ layer, target: of.index, stride });
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} queries`, call),
    y,
    q: activations.q,
    angles: cache.angles.tables[layer]!,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: latentQueriesGroups(heads, headDim, rows) }) };
}

async function keysStage(context: DecoderContext, layer: number, of: Projection): Promise<Stage> {
  const { device, architecture: a, sizes, step, cache, activations, ahead } = context;
  const { heads, headDim, ropeDim } = a;
  const { nopeDim, valueDim } = a.latent!;
  const program = await device.program(latentKeys, {
    ...step,
    ...{
      heads,
      nopeDim,
      ropeDim,
      valueDim,
      valuesAt: cache.valuesAt[layer]!,
      kv: unscaled(sizes),
      pool: sizes.poolDtype,
      ahead,
    },
  });
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} keys`, encodeLatentKeysCall({ layer, target: of.index })),
    y: activations.latent!.keysAndValues,
    tail: activations.latent!.tail,
    kv: cache.kv[layer]!,
    angles: cache.angles.tables[layer]!,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: latentKeysGroups(heads, headDim, rows) }) };
}

async function valuesStage({ device, architecture: a, step, cache, activations }: DecoderContext): Promise<Stage> {
  const { heads, headDim } = a;
  const width = a.latent!.valueDim;
  const program = await device.program(takeHeads, { ...step, heads, headDim, width });
  const buffers = { x: activations.attended, y: activations.latent!.values, state: cache.state };
  const binding = device.bind(program, buffers);
  return { dispatch: ({ rows }) => ({ binding, groups: takeHeadsGroups(heads, width, rows) }) };
}
