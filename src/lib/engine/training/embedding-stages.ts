// From tokens to the stream and back, for the rows of one adapter that has an embedding of its own, or a LoRA over that of the base.

import type { DecoderContext } from '#lib/model/decoder/decoder-context.ts';
import type { DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { embed, embedGroups, encodeEmbedCall } from '#lib/webgpu/kernels/embed/embed.ts';
import {
  embeddingGradients,
  embeddingGradientsGroups,
  encodeEmbeddingGradientsCall,
} from '#lib/webgpu/kernels/table-gradients/embedding-gradients.ts';
import { padded, type Matrix } from '#lib/webgpu/matrix.ts';
import { addRanks, backThrough, rankRows, sumsOf, type LearningMatrix, type LearningTable } from './table-stages.ts';

/** What an adapter has for the embedding; A of its LoRA has a row for each token. */
export interface OwnEmbedding extends LearningTable {
  /** Word offset by which rows name the adapter. */
  descriptor: number;
}

export interface EmbeddingStages {
  /** Behind the base's embedding. */
  forward(rows: number): Dispatch[];
  /** Behind the first layer's backward pass. */
  back(rows: number): Dispatch[];
}

export async function embeddingStages(
  context: DecoderContext,
  { saved, lora, descriptor }: OwnEmbedding,
): Promise<EmbeddingStages> {
  const { architecture: a, sizes, activations, training } = context;
  const { embedded } = activations;
  const dx = training!.gradients.x;
  const yStride = padded(a.hidden);
  const forward: ((rows: number) => Dispatch[])[] = [];
  const back: ((rows: number) => Dispatch[])[] = [];
  if (saved) {
    forward.push(await lookUp(context, saved.matrix, embedded, descriptor));
    const sums = await lookUpSums(context, saved, dx, descriptor);
    back.push(() => [sums]);
  }
  if (lora) {
    const of = { descriptor, ofOutputs: false };
    const z = rankRows(context, 'embedding ranks', lora.b.matrix, sizes.maxRows);
    const u = rankRows(context, 'gradients of embedding ranks', lora.b.matrix, sizes.maxRows);
    forward.push(await lookUp(context, lora.a.matrix, z, descriptor));
    forward.push(await addRanks(context, lora.b.matrix, { ...of, z, y: embedded, yStride }));
    back.push(await backThrough(context, lora.b.matrix, { dy: dx, yStride, dx: u, adds: false, ofOutputs: false }));
    const ofB = await sumsOf(context, lora.b, { ...of, dy: dx, yStride, x: z });
    const ofA = await lookUpSums(context, lora.a, u, descriptor);
    back.push(() => [ofB, ofA]);
  }
  return {
    forward: (rows) => forward.flatMap((stage) => stage(rows)),
    back: (rows) => back.flatMap((stage) => stage(rows)),
  };
}

async function lookUp(
  { device, architecture, step, cache, call }: DecoderContext,
  { dtype, groups, parts }: Matrix,
  x: DeviceBuffer,
  onlyAdapter: number,
): Promise<(rows: number) => Dispatch[]> {
  const program = await device.program(embed, { ...step, dtype });
  const bindings = parts.map(({ weights, scales, ...part }) => {
    const words = call(
      'own embed',
      encodeEmbedCall({ ...part, groups, scale: architecture.embeddingScale, onlyAdapter }),
    );
    return device.bind(program, { call: words, weights, scales, x, state: cache.state });
  });
  return (rows) => bindings.map((binding) => ({ binding, groups: embedGroups(groups, rows) }));
}

async function lookUpSums(
  { device, architecture, step, cache, call }: DecoderContext,
  { matrix, sums }: LearningMatrix,
  dx: DeviceBuffer,
  descriptor: number,
): Promise<Dispatch> {
  const columns = padded(matrix.columns);
  const words = encodeEmbeddingGradientsCall({ columns, descriptor, scale: architecture.embeddingScale });
  const program = await device.program(embeddingGradients, step);
  const bound = { call: call('gradient of an embedding', words), dx, sums, state: cache.state };
  return { binding: device.bind(program, bound), groups: embeddingGradientsGroups(columns) };
}
