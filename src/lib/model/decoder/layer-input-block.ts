// What follows a layer's feed-forward block where layers get something of each token beside the stream: sum | the embedding, projected
// for this layer (+A) | its norm, and a row of the table | gate (+A) | activation, times the input | out (+A).
// Its output stays in `activations.branch`; the norm that follows adds it.

import { encodeInputGateCall, inputGate, inputGateGroups } from '#lib/webgpu/kernels/input-gate/input-gate.ts';
import { encodeLayerInputCall, layerInput, layerInputGroups } from '#lib/webgpu/kernels/layer-input/layer-input.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { stacksOf } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import type { Block } from './attention-block.ts';
import type { DecoderContext } from './decoder-context.ts';
import { linearStages } from './linear-stages.ts';
import { branchOf, normStage, type Branch } from './norm-stage.ts';
import type { Stage } from './stage.ts';

export async function layerInputBlock(
  context: DecoderContext,
  layer: number,
  { at, ...weights }: LayerWeights,
  before: Branch | null,
): Promise<Block> {
  const { architecture: a, activations } = context;
  const { h, gateUp, gated, branch } = activations;
  const { embedded, projected } = activations.layerInputs!;
  const { inputProjection, inputGate: gate, inputOut } = stacksOf(a);
  const width = a.layerInput!;
  const stages = [
    await normStage(context, { before, weightAt: null }),
    ...(await linearStages(context, weights.inputProjection!, inputProjection, {
      ...{ layer, x: embedded, y: projected, yStride: width },
    })),
    await inputStage(context, layer, at.inputNorm!),
    ...(await linearStages(context, weights.inputGate!, gate, { layer, x: h, y: gateUp, yStride: width })),
    await gateStage(context, layer),
    ...(await linearStages(context, weights.inputOut!, inputOut, {
      ...{ layer, x: gated, y: branch, yStride: padded(a.hidden) },
    })),
  ];
  return { stages, branch: branchOf(activations, layer, inputOut, undefined, at.inputOutNorm) };
}

async function inputStage(context: DecoderContext, layer: number, weightAt: number): Promise<Stage> {
  const { device, architecture: a, sizes, step, cache, activations, vectors, ahead, threads } = context;
  const { looked, projected, input } = activations.layerInputs!;
  const width = a.layerInput!;
  const shape = { width, ofAll: a.layers * width, scale: a.hidden ** -0.5, eps: a.normEps, threads: threads.head };
  const program = await device.program(layerInput, { ...step, ...shape, pool: sizes.poolDtype, ahead });
  const target = stacksOf(a).inputProjection.projections[0]!.index;
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} input`, encodeLayerInputCall({ layer, target, weightAt })),
    y: projected,
    x: looked,
    h: input,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: layerInputGroups(rows) }) };
}

async function gateStage(context: DecoderContext, layer: number): Promise<Stage> {
  const { device, architecture: a, sizes, step, cache, activations, ahead } = context;
  const width = a.layerInput!;
  const shape = { width, activation: a.activation, pool: sizes.poolDtype, ahead };
  const program = await device.program(inputGate, { ...step, ...shape });
  const target = stacksOf(a).inputGate.projections[0]!.index;
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} input gate`, encodeInputGateCall({ layer, target })),
    y: activations.gateUp,
    x: activations.layerInputs!.input,
    h: activations.gated,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: inputGateGroups(width, rows) }) };
}
