// The feed-forward half of a layer backwards: down | activation | gate, up | norm.

import { actBackward } from '#lib/webgpu/kernels/act/act.backward.ts';
import { actGroups } from '#lib/webgpu/kernels/act/act.ts';
import { gluBackward } from '#lib/webgpu/kernels/glu/glu.backward.ts';
import { gluGroups } from '#lib/webgpu/kernels/glu/glu.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { stacksOf } from '../projections.ts';
import type { LayerWeights } from '../weights.ts';
import { actCall, actShape } from './act-stage.ts';
import { backwardStage, type BackwardStage, type BlockBackward } from './backward-stage.ts';
import type { DecoderContext } from './decoder-context.ts';
import { gluCall, gluShape } from './glu-stage.ts';
import { linearBackwardStages } from './linear-backward-stages.ts';
import { normBackwardStage } from './norm-backward-stages.ts';
import { ffnNormAt } from './norm-stage.ts';

export async function ffnBackward(
  context: DecoderContext,
  layer: number,
  { at, ...weights }: LayerWeights,
): Promise<BlockBackward> {
  const { architecture: a, activations, training } = context;
  const { gradients, inputs, adapters } = training!;
  const { x, h, gateUp, gated, branch, z, branchZ } = activations;
  const stacks = stacksOf(a);
  const down = {
    ...{ layer, x: gated, y: branch, yStride: padded(a.hidden), z: branchZ },
    ...{ dy: gradients.branch, dx: gradients.gated, adds: false },
  };
  const up = {
    ...{ layer, x: h, y: gateUp, yStride: stacks.gateUp.rows, z },
    ...{ dy: gradients.gateUp, dx: gradients.h, adds: false },
  };
  return {
    inner: [
      ...(await linearBackwardStages(context, weights.down!, stacks.down, down, adapters[layer]!)),
      await activationBackward(context, layer, at.gateUpBias ?? null),
      ...(await linearBackwardStages(context, weights.gateUp!, stacks.gateUp, up, adapters[layer]!)),
    ],
    norm: await normBackwardStage(context, {
      x: a.placement === 'parallel' ? inputs[layer]! : x,
      weightAt: ffnNormAt(a, at),
    }),
  };
}

function activationBackward(context: DecoderContext, layer: number, biasAt: number | null): Promise<BackwardStage> {
  const { device, architecture: a, activations, training, cache, vectors } = context;
  const { gated: dh, gateUp: dy } = training!.gradients;
  const { gateUp: y, z } = activations;
  const buffers = { y, dh, dy, vectors, z, pool: cache.pools[layer]!, state: cache.state };
  const name = `layer ${layer} activation backward`;
  if (a.ffnKind === 'plain') {
    const call = context.call(name, actCall(context, layer, biasAt ?? 0));
    return backwardStage(device, actBackward, actShape(context), { ...buffers, call }, ({ rows }) =>
      actGroups(a.ffn, rows),
    );
  }
  const place = { stack: stacksOf(a).gateUp, biasAt };
  const call = context.call(name, gluCall(layer, place));
  return backwardStage(device, gluBackward, gluShape(context, place), { ...buffers, call }, ({ rows }) =>
    gluGroups(a.ffn, rows),
  );
}
