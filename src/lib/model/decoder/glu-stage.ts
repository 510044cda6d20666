// The activation between gate and up on one side and down on the other, with biases and B half of the adapters of gate and up.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import { encodeGluCall, glu, gluGroups } from '#lib/webgpu/kernels/glu/glu.ts';
import type { Stack } from '../projections.ts';
import type { DecoderContext } from './decoder-context.ts';
import type { Stage } from './stage.ts';

export interface GluPlace {
  /** The stack of gate and up, whose output lies in `activations.gateUp`. */
  stack: Stack;
  gated: DeviceBuffer;
  biasAt: number | null;
}

export async function gluStage(context: DecoderContext, layer: number, place: GluPlace): Promise<Stage> {
  const { device, architecture: a, sizes, step, cache, activations, vectors, ahead } = context;
  const { stack, gated, biasAt } = place;
  const ffn = stack.rows / 2;
  const shape = { ffn, activation: a.activation, bias: biasAt !== null, pool: sizes.poolDtype, ahead } as const;
  const program = await device.program(glu, { ...step, ...shape });
  const firstTarget = stack.projections[0]!.index;
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} glu`, encodeGluCall({ layer, biasAt: biasAt ?? 0, firstTarget })),
    y: activations.gateUp,
    h: gated,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: gluGroups(ffn, rows) }) };
}
