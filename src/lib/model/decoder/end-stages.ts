// The two ends of a decoder: the embedding before its first layer, the head and the sampler after its last norm.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import { acceptDrafts, acceptDraftsGroups } from '#lib/webgpu/kernels/accept-drafts/accept-drafts.ts';
import { embed, embedGroups, encodeEmbedCall } from '#lib/webgpu/kernels/embed/embed.ts';
import { encodeHeadBiasCall, headBias, headBiasGroups } from '#lib/webgpu/kernels/head-bias/head-bias.ts';
import { positions, positionsGroups } from '#lib/webgpu/kernels/positions/positions.ts';
import { sample, sampleConstrained } from '#lib/webgpu/kernels/sample/sample.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import { HEADER } from '#lib/webgpu/step-state.ts';
import type { ModelWeights } from '../weights.ts';
import type { DecoderContext } from './decoder-context.ts';
import { createLinearLayer, shapesForRows, type LinearLayer } from './linear-layer.ts';
import { normStage } from './norm-stage.ts';
import type { Stage } from './stage.ts';

export const embedStages = (context: DecoderContext, table: Matrix): Promise<Stage[]> =>
  lookUpStages(context, table, context.activations.embedded, context.architecture.embeddingScale);

/** Rows of a table, times `scale`. */
async function lookUpStages(context: DecoderContext, table: Matrix, x: DeviceBuffer, scale: number): Promise<Stage[]> {
  const { device, step, cache } = context;
  const { dtype, groups } = table;
  const program = await device.program(embed, { ...step, dtype });
  return table.parts.map((part) => {
    const call = context.call('embed', encodeEmbedCall({ ...part, groups, scale }));
    const { weights, scales } = part;
    const binding = device.bind(program, { call, weights, scales, x, state: cache.state });
    return { dispatch: ({ rows }) => ({ binding, groups: embedGroups(groups, rows) }) };
  });
}

/** What happens to the embedding, an adapter's share of it included, before the first layer. */
export async function openingStages(
  context: DecoderContext,
  {
    positions: table,
    embeddingNormAt,
    layerInputs,
  }: Pick<ModelWeights, 'positions' | 'embeddingNormAt' | 'layerInputs'>,
): Promise<Stage[]> {
  const { device, architecture: a, step, cache, activations } = context;
  const { embedded, x } = activations;
  const stages: Stage[] = [];
  if (table) {
    const program = await device.program(positions, { ...step, hidden: a.hidden });
    const binding = device.bind(program, { positions: table, x: embedded, state: cache.state });
    stages.push({ dispatch: ({ rows }) => ({ binding, groups: positionsGroups(a.hidden, rows) }) });
  }
  if (embedded !== x)
    stages.push(await normStage(context, { before: null, weightAt: embeddingNormAt, flow: { from: embedded, to: x } }));
  if (layerInputs)
    stages.push(...(await lookUpStages(context, layerInputs, activations.layerInputs!.looked, a.layerInput! ** 0.5)));
  return stages;
}

/** The bias of the head; behind the logits of all heads. */
export async function headBiasStages(context: DecoderContext, biasAt: number | null): Promise<Stage[]> {
  if (biasAt === null) return [];
  const { device, architecture: a, step, cache, activations, vectors } = context;
  const call = context.call('head bias', encodeHeadBiasCall({ biasAt, vocab: a.vocab }));
  const { logits } = activations;
  const binding = device.bind(await device.program(headBias, step), { call, vectors, logits, state: cache.state });
  return [{ dispatch: ({ outputs }) => ({ binding, groups: headBiasGroups(a.vocab, outputs) }) }];
}

/** A head has no projection that adapters change; a head of an adapter's own is another matrix. */
export function headOf(context: DecoderContext, matrix: Matrix): Promise<LinearLayer> {
  const { device, architecture: a, step, sizes, cache, activations, own, later, training } = context;
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
    later,
    ...(training && { shapes: shapesForRows(device, matrix) }),
  });
}

/** Behind the sampler of a step with proposed tokens. */
export async function acceptStage({ device, step, cache, activations }: DecoderContext): Promise<Stage> {
  const { results } = activations;
  const binding = device.bind(await device.program(acceptDrafts, step), { results, state: cache.state });
  return { dispatch: ({ outputs }) => ({ binding, groups: acceptDraftsGroups(outputs) }) };
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
