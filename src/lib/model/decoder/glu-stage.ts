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
  const { device, cache, activations, vectors } = context;
  const shape = gluShape(context, place);
  const program = await device.program(glu, shape);
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} glu`, gluCall(layer, place)),
    y: activations.gateUp,
    h: place.gated,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: gluGroups(shape.ffn, rows) }) };
}

/** For the kernels of both directions. */
export function gluShape(
  { architecture: { activation }, sizes, step, ahead }: DecoderContext,
  { stack, biasAt }: Pick<GluPlace, 'stack' | 'biasAt'>,
) {
  return { ...step, ffn: stack.rows / 2, activation, bias: biasAt !== null, pool: sizes.poolDtype, ahead } as const;
}

export const gluCall = (
  layer: number,
  { stack, biasAt }: Pick<GluPlace, 'stack' | 'biasAt'>,
): Uint32Array<ArrayBuffer> => encodeGluCall({ layer, biasAt: biasAt ?? 0, firstTarget: stack.projections[0]!.index });
