// Attention of every row over the keys and values of its sequence, from `activations.q` to `activations.attended`.

import {
  attention,
  attentionGroups,
  cardAttention,
  encodeAttentionCall,
  softwareAttention,
} from '#lib/webgpu/kernels/attention/attention.ts';
import type { DecoderContext } from './decoder-context.ts';
import type { Stage } from './stage.ts';

export const headShape = (
  { architecture: { heads, kvHeads, headDim }, cache, sizes }: DecoderContext,
  layer: number,
) => ({
  heads,
  kvHeads,
  headDim,
  valuesAt: cache.valuesAt[layer]!,
  kv: sizes.kvDtype,
});

export async function attentionStage(context: DecoderContext, layer: number): Promise<Stage> {
  const { device, architecture: a, step, cache, activations, threads } = context;
  const form = device.software ? softwareAttention(a, threads.head) : cardAttention(a.headDim);
  const shape = { scale: a.attentionScale, softcap: a.attentionSoftcap ?? 0, alibi: a.alibi, ...form };
  const program = await device.program(attention, { ...step, ...headShape(context, layer), ...shape });
  const binding = device.bind(program, {
    call: context.call(`layer ${layer} attention`, encodeAttentionCall(a.plan[layer]!.window ?? 0)),
    q: activations.q,
    kv: cache.kv[layer]!,
    o: activations.attended,
    state: cache.state,
  });
  return { dispatch: ({ rows }) => ({ binding, groups: attentionGroups({ ...a, ...form }, rows) }) };
}
