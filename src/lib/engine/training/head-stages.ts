// From the normed stream to logits and back, for the outputs of one head: the base's, one that an adapter has of its own, or the base's
// with a LoRA. The last two have gradients of their own, as tall as the vocabulary, so they lie beside the pages of the pool.

import type { DecoderContext } from '#lib/model/decoder/decoder-context.ts';
import { headOf } from '#lib/model/decoder/end-stages.ts';
import { createLinearLayer, shapesForRows } from '#lib/model/decoder/linear-layer.ts';
import type { Dispatch } from '#lib/webgpu/device.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import { HEADER } from '#lib/webgpu/step-state.ts';
import { addRanks, backThrough, rankRows, sumsOf, type LearningTable } from './table-stages.ts';

/** What an adapter has for the head. */
export interface OwnHead extends LearningTable {
  /** Word offset by which rows name the adapter. */
  descriptor: number;
}

export interface HeadStages {
  logits(outputs: number): Dispatch[];
  /** From the gradient of the logits to that of the normed stream. */
  back(outputs: number): Dispatch[];
}

export async function headStages(context: DecoderContext, base: Matrix, own: OwnHead | null): Promise<HeadStages> {
  const { activations, training } = context;
  const { h: x, logits: dy } = activations;
  const dx = training!.gradients.h;
  const matrix = own?.saved?.matrix ?? base;
  const yStride = matrix.rows;
  const head = await headOf(context, matrix);
  const back = await backThrough(context, matrix, { dy, yStride, dx, adds: false, ofOutputs: true });
  const at = own && { dy, yStride, x, descriptor: own.descriptor, ofOutputs: true };
  const saved = own?.saved && (await sumsOf(context, own.saved, at!));
  const lora = own?.lora && (await loraStages(context, own.lora, own.descriptor));
  return {
    logits: (outputs) => [...head.parts.map((part) => part(outputs, 0)), ...(lora?.logits(outputs) ?? [])],
    back: (outputs) => [
      ...(saved ? [saved] : []),
      ...(lora?.before(outputs) ?? []),
      ...back(outputs),
      ...(lora?.behind(outputs) ?? []),
    ],
  };
}

async function loraStages(context: DecoderContext, { a, b }: NonNullable<OwnHead['lora']>, descriptor: number) {
  const { device, architecture, sizes, step, cache, activations, training, own } = context;
  const { h, logits } = activations;
  const yStride = architecture.vocab;
  const ranks = b.matrix.groups * 32;
  const z = rankRows(context, 'head ranks', b.matrix, sizes.maxOutputs);
  const u = rankRows(context, 'gradients of head ranks', b.matrix, sizes.maxOutputs);
  const down = await createLinearLayer(device, {
    ...{ matrix: a.matrix, layer: 0, firstTarget: 0, targets: 0, yStride: ranks, countWord: HEADER.outputs },
    ...{ step, pool: sizes.poolDtype, own, later: null, shapes: shapesForRows(device, a.matrix) },
    buffers: { x: h, y: z, z: activations.z, pool: cache.pools[0]!, state: cache.state },
  });
  const of = { descriptor, ofOutputs: true };
  const up = await addRanks(context, b.matrix, { ...of, z, y: logits, yStride });
  const toRanks = await backThrough(context, b.matrix, { dy: logits, yStride, dx: u, adds: false, ofOutputs: true });
  const toStream = await backThrough(context, a.matrix, {
    ...{ dy: u, yStride: ranks, dx: training!.gradients.h, adds: true, ofOutputs: true },
  });
  const ofB = await sumsOf(context, b, { ...of, dy: logits, yStride, x: z });
  const ofA = await sumsOf(context, a, { ...of, dy: u, yStride: ranks, x: h });
  return {
    logits: (outputs: number) => [...down.parts.map((part) => part(outputs, 0)), ...up(outputs)],
    before: (outputs: number) => [...toRanks(outputs), ofB, ofA],
    behind: toStream,
  };
}
