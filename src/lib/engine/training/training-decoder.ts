// A decoder that runs in both directions over packed examples: the forward pass of all layers keeps each layer's input; the head, the loss
// and their gradient go through the labelled rows in chunks; the backward pass computes each layer's forward pass again.
// It adds gradients of adapters to buffers that mirror the pool. It takes no step of an optimizer.

import type { Architecture } from '#lib/model/architecture.ts';
import { createActivations } from '#lib/model/decoder/activations.ts';
import type { BackwardCounts, BackwardStage } from '#lib/model/decoder/backward-stage.ts';
import { createDecoderCache, type DecoderCache } from '#lib/model/decoder/decoder-cache.ts';
import { createDecoderContext, type DecoderContext } from '#lib/model/decoder/decoder-context.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { embedStages, openingStages } from '#lib/model/decoder/end-stages.ts';
import { createLayer } from '#lib/model/decoder/layer.ts';
import { normStage } from '#lib/model/decoder/norm-stage.ts';
import type { Stage } from '#lib/model/decoder/stage.ts';
import { createTrainingBuffers } from '#lib/model/decoder/training-buffers.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { encodeGradientRuns } from '#lib/webgpu/kernels/adapter-gradients/gradient-runs.ts';
import { createPromptAngles } from '../prompt-angles.ts';
import { createStepWriter } from '../step-writer.ts';
import { createLossStages } from './loss-stages.ts';
import type { PacedSubmits } from './paced-submits.ts';
import { layOutSegments, type Segment } from './segments.ts';
import { runBytes } from './training-sizes.ts';

export interface TrainingDecoder {
  readonly cache: DecoderCache;
  /** By layer, with the pages of the pool. */
  readonly grads: readonly DeviceBuffer[];
  /** Of each target of the last pass, segment by segment, not weighted. */
  readonly losses: DeviceBuffer;
  /**
   * Submits both passes over the segments. Gradients are added to `grads`.
   * @returns the number of targets
   */
  pass(segments: readonly Segment[]): Promise<number>;
  /** Of each target of the last pass that only scored: 1 where it is the likeliest token, else 0. */
  readonly hits: DeviceBuffer;
  /** Submits the forward pass alone. @returns the number of targets */
  score(segments: readonly Segment[]): Promise<number>;
  /** Gradients become zero. */
  clear(): void;
  destroy(): void;
}

export interface TrainingDecoderOptions {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
  sizes: DecoderSizes;
  /** Some adapter has DoRA. */
  gains: boolean;
  pace: PacedSubmits;
}

export async function createTrainingDecoder(options: TrainingDecoderOptions): Promise<TrainingDecoder> {
  const { device, architecture: a, weights, sizes, gains, pace } = options;
  const cache = createDecoderCache(device, a, sizes);
  const activations = createActivations(device, a, sizes);
  const poolBytes = sizes.pages * sizes.pageBytes;
  const training = createTrainingBuffers(device, a, {
    ...{ ...sizes, poolBytes, runBytes: runBytes(sizes.maxSequences), gains },
  });
  const { vectors } = weights;
  const context = createDecoderContext({
    ...{ device, architecture: a, sizes, cache, activations, vectors, training, later: null },
  });
  const layers = await trainingLayers(context, weights);
  const opening = [
    ...(await embedStages(context, weights.embedding)),
    ...(await openingStages(context, weights)),
    await streamTo(context, activations.x, training.inputs[0]!),
  ];
  const loss = await createLossStages(context, weights);
  const writer = createStepWriter(device, cache.state, sizes.step);
  const angles = createPromptAngles(cache.angles);

  /** Submits the forward pass of all layers. */
  const run = async (segments: readonly Segment[]) => {
    const { rows, slots, gradients, labelled, ...rest } = layOutSegments(segments, sizes, angles);
    const counts = { ...rest, rows: rows.length, gradients: gradients.length };
    const forward = (stages: readonly Stage[]) => stages.map((stage) => stage.dispatch({ ...counts, outputs: 0 }));
    for (const slot of slots) writer.slot(slot);
    device.write(training.runs, 0, encodeGradientRuns(gradients));
    loss.targets(labelled.map(({ target }) => target));
    writer.rows(rows, [], counts.rankWidth);
    await pace.submit('forward', forward([...opening, ...layers.flatMap((of) => [...of.forward, of.closing])]));
    /** Labelled rows in chunks, each the outputs of a step. */
    const chunks = async (dispatches: (first: number, outputs: number) => Dispatch[]) => {
      for (let first = 0; first < labelled.length; first += sizes.maxOutputs) {
        const chunk = labelled.slice(first, first + sizes.maxOutputs).map(({ row }) => row);
        writer.rows(rows, chunk, counts.rankWidth);
        await pace.submit('loss', dispatches(first, chunk.length));
      }
    };
    return { counts, forward, chunks, targets: labelled.length };
  };

  return {
    cache,
    losses: loss.losses,
    hits: loss.hits,
    grads: training.adapters.map(({ grads }) => grads),
    async pass(segments) {
      const { counts, forward, chunks, targets } = await run(segments);
      await chunks((first, outputs) => loss.chunk(first, { ...counts, outputs }));
      const back = layers.toReversed().flatMap(({ again, forward: stages, backward }): Dispatch[] => {
        return [...forward([again, ...stages]), ...backwardDispatches(backward, counts)];
      });
      await pace.submit('backward', back);
      return targets;
    },
    async score(segments) {
      const { counts, chunks, targets } = await run(segments);
      await chunks((first, outputs) => loss.score(first, { ...counts, outputs }));
      return targets;
    },
    clear() {
      const zeros = new Uint8Array(sizes.pageBytes);
      for (const { grads } of training.adapters)
        for (let page = 0; page < sizes.pages; page++) device.write(grads, page * sizes.pageBytes, zeros);
    },
    destroy() {
      loss.destroy();
      context.destroy();
      training.destroy();
      activations.destroy();
      cache.destroy();
    },
  };
}

interface TrainingLayer {
  forward: readonly Stage[];
  /** Adds the layer's branch to the stream, and keeps the sum as the next layer's input. */
  closing: Stage;
  /** Puts the layer's input back into the stream. */
  again: Stage;
  backward: readonly BackwardStage[];
}

async function trainingLayers(context: DecoderContext, weights: ModelWeights): Promise<TrainingLayer[]> {
  const { activations } = context;
  const { inputs } = context.training!;
  const { x, h } = activations;
  const layers: TrainingLayer[] = [];
  for (const [i, of] of weights.layers.entries()) {
    const { forward, backward, branch } = await createLayer(context, i, of, null);
    if (!backward) throw new TypeError(`layer ${i} has no backward pass`);
    const flow = { from: x, to: inputs[i + 1] ?? h };
    layers.push({
      ...{ forward, backward },
      closing: await normStage(context, { before: branch, weightAt: null, flow }),
      again: await streamTo(context, inputs[i]!, x),
    });
  }
  return layers;
}

const streamTo = (context: DecoderContext, from: DeviceBuffer, to: DeviceBuffer): Promise<Stage> =>
  normStage(context, { before: null, weightAt: null, flow: { from, to } });

const backwardDispatches = (stages: readonly BackwardStage[], counts: BackwardCounts): Dispatch[] =>
  stages.map((stage) => stage.dispatch(counts)).filter((dispatch) => dispatch !== null);
