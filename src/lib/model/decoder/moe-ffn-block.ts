// The feed-forward half of a layer of experts: norm | scores | [shared: gate, up (+A) | B, activation | gate of the row | down (+A)] |
// choice | gate, up and activation of the chosen experts | their down, weighted.
// The output of the chosen experts goes to `activations.x` at once. That of the shared expert stays in `activations.branch`, since the
// norm that follows adds the B half of its adapters; DoRA needs it apart from the other experts.

import { expertDown, expertDownGroups } from '#lib/webgpu/kernels/expert-down/expert-down.ts';
import { expertGlu, expertGluGroups } from '#lib/webgpu/kernels/expert-glu/expert-glu.ts';
import { encodeRouteCall, route } from '#lib/webgpu/kernels/route/route.ts';
import { encodeRowGateCall, rowGate, rowGateGroups } from '#lib/webgpu/kernels/row-gate/row-gate.ts';
import { encodePartCall } from '#lib/webgpu/kernels/shared/expert-part.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import type { Experts } from '../architecture.ts';
import { routerRows, stacksOf } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import type { ExpertActivations } from './activations.ts';
import type { Block } from './attention-block.ts';
import type { DecoderContext } from './decoder-context.ts';
import { gluStage } from './glu-stage.ts';
import { createLinearLayer } from './linear-layer.ts';
import { linearStages } from './linear-stages.ts';
import { branchOf, ffnNormStage, type Branch } from './norm-stage.ts';
import type { Stage } from './stage.ts';

interface Place {
  layer: number;
  weights: LayerWeights;
  experts: Experts;
  buffers: ExpertActivations;
}

export async function moeFfnBlock(
  context: DecoderContext,
  layer: number,
  weights: LayerWeights,
  before: Branch,
): Promise<Block<Branch | null>> {
  const { architecture: a, activations } = context;
  const place: Place = { layer, weights, experts: a.experts!, buffers: activations.experts! };
  const hasShared = a.experts!.sharedFfn > 0;
  const stages = [
    await ffnNormStage(context, layer, weights.at, before),
    ...(await scoreStages(context, place)),
    ...(hasShared ? await sharedStages(context, place) : []),
    await routeStage(context, place),
    ...(await gluStages(context, place)),
    ...(await downStages(context, place)),
  ];
  return { stages, branch: hasShared ? branchOf(activations, layer, stacksOf(a).sharedDown) : null };
}

/** No adapter reaches the router. */
async function scoreStages(context: DecoderContext, { layer, weights, buffers }: Place): Promise<Stage[]> {
  const { device, step, sizes, cache, activations, own, later } = context;
  const matrix = weights.router!;
  const { parts } = await createLinearLayer(device, {
    matrix,
    layer,
    firstTarget: 0,
    targets: 0,
    yStride: matrix.rows,
    step,
    pool: sizes.poolDtype,
    buffers: {
      x: activations.h,
      y: buffers.scores,
      z: activations.z,
      pool: cache.pools[layer]!,
      state: cache.state,
    },
    own,
    later,
  });
  return parts.map((part) => ({ dispatch: ({ rows }) => part(rows, 0) }));
}

async function sharedStages(context: DecoderContext, { layer, weights, experts, buffers }: Place): Promise<Stage[]> {
  const { device, architecture: a, step, cache, activations } = context;
  const { h, gateUp: y, branch } = activations;
  const { sharedGateUp, sharedDown } = stacksOf(a);
  const { sharedGated: gated, scores } = buffers;
  const { sharedFfn: ffn } = experts;
  const stages = [
    ...(await linearStages(context, weights.sharedGateUp!, sharedGateUp, {
      layer,
      x: h,
      y,
      yStride: sharedGateUp.rows,
    })),
    await gluStage(context, layer, { stack: sharedGateUp, gated, biasAt: null }),
  ];
  if (experts.isSharedGated) {
    const program = await device.program(rowGate, { ...step, width: ffn });
    const call = encodeRowGateCall({ stride: weights.router!.rows, at: routerRows(experts) });
    const bound = { call: context.call(`layer ${layer} gate of rows`, call), scores, h: gated, state: cache.state };
    const binding = device.bind(program, bound);
    stages.push({ dispatch: ({ rows }) => ({ binding, groups: rowGateGroups(ffn, rows) }) });
  }
  const flow = { layer, x: gated, y: branch, yStride: padded(a.hidden) };
  stages.push(...(await linearStages(context, weights.sharedDown!, sharedDown, flow)));
  return stages;
}

async function routeStage(context: DecoderContext, { layer, weights, experts, buffers }: Place): Promise<Stage> {
  const { device, architecture: a, step, cache, vectors, threads } = context;
  const { count, chosen, router } = experts;
  const program = await device.program(route, {
    ...step,
    experts: count,
    chosen,
    stride: weights.router!.rows,
    scores: router.scores,
    bias: router.hasBias,
    groups: router.groups?.count ?? 1,
    kept: router.groups?.kept ?? 1,
    bestTwo: router.groups?.score === 'best-two',
    normalise: router.isNormalised,
    // The sum of the chosen experts is added to the stream without passing a norm stage, which scales other blocks.
    scale: router.scale * a.residualScale,
    threads: threads.head,
  });
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} choice of experts`, encodeRouteCall(weights.at.routerBias ?? 0)),
    scores: buffers.scores,
    choices: buffers.choices,
    vectors,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: [rows, 1, 1] }) };
}

async function gluStages(context: DecoderContext, { layer, weights, experts, buffers }: Place): Promise<Stage[]> {
  const { device, architecture: a, step, cache, activations, threads } = context;
  const { ffn, chosen } = experts;
  const { expertGate: gate, expertUp: up } = weights;
  const shape = {
    ffn,
    chosen,
    dtype: gate!.dtype,
    activation: a.activation,
    threads: threads.head,
  };
  const program = await device.program(expertGlu, { ...step, ...shape });
  return gate!.parts.map((part, i): Stage => {
    const binding = device.bind(program, {
      call: context.call(`layer ${layer} experts`, encodePartCall({ ...part, groups: gate!.groups })),
      x: activations.h,
      gate: part.weights,
      gateScales: part.scales,
      up: up!.parts[i]!.weights,
      upScales: up!.parts[i]!.scales,
      choices: buffers.choices,
      h: buffers.gated,
      state: cache.state,
    });
    return { dispatch: ({ rows }) => ({ binding, groups: expertGluGroups(shape, rows) }) };
  });
}

async function downStages(context: DecoderContext, { layer, weights, experts, buffers }: Place): Promise<Stage[]> {
  const { device, architecture: a, step, cache, activations, threads } = context;
  const { parts, groups, dtype } = weights.expertDown!;
  const shape = { hidden: a.hidden, chosen: experts.chosen, dtype, threads: threads.head };
  const program = await device.program(expertDown, { ...step, ...shape });
  return parts.map((part): Stage => {
    const binding = device.bind(program, {
      call: context.call(`layer ${layer} experts`, encodePartCall({ ...part, groups })),
      h: buffers.gated,
      weights: part.weights,
      scales: part.scales,
      choices: buffers.choices,
      x: activations.x,
      state: cache.state,
    });
    return { dispatch: ({ rows }) => ({ binding, groups: expertDownGroups(shape, rows) }) };
  });
}
