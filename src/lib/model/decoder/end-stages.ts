// The two ends of a decoder: the embedding before its first layer, the head and the sampler after its last norm.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import { embed, embedGroups, encodeEmbedCall } from '#lib/webgpu/kernels/embed/embed.ts';
import { sample, sampleConstrained } from '#lib/webgpu/kernels/sample/sample.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import { HEADER } from '#lib/webgpu/step-state.ts';
import type { DecoderContext } from './decoder-context.ts';
import { createLinearLayer, type LinearLayer } from './linear-layer.ts';
import type { Stage } from './stage.ts';

export async function embedStages(context: DecoderContext, table: Matrix): Promise<Stage[]> {
  const { device, architecture: a, step, cache, activations } = context;
  const { dtype, groups } = table;
  const program = await device.program(embed, { ...step, dtype });
  return table.parts.map((part) => {
    const call = context.call('embed', encodeEmbedCall({ ...part, groups, scale: a.embeddingScale }));
    const { weights, scales } = part;
    const binding = device.bind(program, { call, weights, scales, x: activations.x, state: cache.state });
    return { dispatch: ({ rows }) => ({ binding, groups: embedGroups(groups, rows) }) };
  });
}

/** A head has no projection that adapters change; a head of an adapter's own is another matrix. */
export function headOf(context: DecoderContext, matrix: Matrix): Promise<LinearLayer> {
  const { device, architecture: a, step, sizes, cache, activations, own } = context;
  const { h: x, logits: y, z } = activations;
  return createLinearLayer(device, {
    matrix,
    layer: 0,
    firstTarget: 0,
    targets: 0,
    yStride: a.vocab,
    countWord: HEADER.outputs,
    step,
    pool: sizes.poolDtype,
    buffers: { x, y, z, pool: cache.pools[0]!, state: cache.state },
    own,
  });
}

/** With `bias`: a number for every token of a constrained sequence, added before drawing. */
export async function sampleStage(context: DecoderContext, bias?: DeviceBuffer): Promise<Stage> {
  const { device, architecture: a, step, cache, activations, threads } = context;
  const shape = { vocab: a.vocab, logitScale: a.logitScale, softcap: a.logitSoftcap ?? 0 };
  const params = { ...step, ...shape, threads: threads.sampling };
  const { logits, results } = activations;
  const bound = { logits, counts: cache.counts, state: cache.state, results };
  const binding = bias
    ? device.bind(await device.program(sampleConstrained, params), { ...bound, bias })
    : device.bind(await device.program(sample, params), bound);
  return { dispatch: ({ outputs }) => ({ binding, groups: [outputs, 1, 1] }) };
}
