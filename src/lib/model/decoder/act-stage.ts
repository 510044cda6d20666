// The activation between the two matrices of a feed-forward block without a gate, with the bias and the B half of the adapters of the first.

import { act, actGroups, encodeActCall } from '#lib/webgpu/kernels/act/act.ts';
import { stacksOf } from '../projections.ts';
import type { DecoderContext } from './decoder-context.ts';
import type { Stage } from './stage.ts';

export async function actStage(context: DecoderContext, layer: number, biasAt: number): Promise<Stage> {
  const { device, architecture: a, cache, activations, vectors } = context;
  const program = await device.program(act, actShape(context));
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} act`, actCall(context, layer, biasAt)),
    y: activations.gateUp,
    h: activations.gated,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: actGroups(a.ffn, rows) }) };
}

/** For the kernels of both directions. */
export function actShape({ architecture: a, sizes, step, ahead }: DecoderContext) {
  return { ...step, ffn: a.ffn, activation: a.activation, bias: a.mlpBias, pool: sizes.poolDtype, ahead } as const;
}

export const actCall = (
  { architecture }: Pick<DecoderContext, 'architecture'>,
  layer: number,
  biasAt: number,
): Uint32Array<ArrayBuffer> =>
  encodeActCall({ layer, biasAt, target: stacksOf(architecture).gateUp.projections[0]!.index });
