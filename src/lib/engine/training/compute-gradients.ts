// Losses and gradients of adapters over a loaded base, as tensors under PEFT's names. Everything that it needs beside the weights it
// makes and frees again.

import type { Folder } from '#lib/core/folder.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { NamedTensor } from '#lib/model/unpack-adapter.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { createTrainingSet } from './training-set.ts';
import { checkExamples, lossesOf, segmentsOf, type Example } from './examples.ts';

export interface GradientsOptions {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
  /** PEFT folders. */
  adapters: readonly Folder[];
  examples: readonly Example[];
}

export interface Gradients {
  /** By adapter: the mean over its targets. */
  losses: number[];
  /** By adapter: of that mean, by each of its parameters. */
  gradients: NamedTensor[][];
}

/** @throws TrainingUnsupportedError, TrainingDataError */
export async function computeGradients(options: GradientsOptions): Promise<Gradients> {
  const { device, architecture, examples } = options;
  checkExamples(examples, architecture.vocab, options.adapters.length);
  const budget = {
    rows: examples.reduce((sum, { ids }) => sum + ids.length, 0),
    segments: examples.length,
    length: Math.max(0, ...examples.map(({ ids }) => ids.length)),
  };
  const { decoder, adapters, gradientsOf, destroy } = await createTrainingSet(options, budget);
  try {
    const targets = await decoder.pass(segmentsOf(examples, examples, adapters));
    device.submit(adapters.flatMap(({ gains }) => gains?.unfold ?? []));
    const losses = new Float32Array(await device.read(decoder.losses, 0, targets * 4));
    const gradients: NamedTensor[][] = [];
    for (const adapter of adapters) gradients.push(await gradientsOf(adapter));
    return { losses: lossesOf(examples, losses, adapters), gradients };
  } finally {
    destroy();
  }
}
