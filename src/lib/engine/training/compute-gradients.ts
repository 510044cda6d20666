// Losses and gradients of adapters over a loaded base, as tensors under PEFT's names. Everything that it needs beside the weights it
// makes and frees again.

import type { Folder } from '#lib/core/folder.ts';
import { readAdapter, type AdapterPlan } from '#lib/formats/model/adapter.ts';
import { checkAdapter } from '#lib/formats/model/check-adapter.ts';
import { adaptableBase } from '#lib/model/adaptable-base.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import { packAdapter, type PackedAdapter } from '#lib/model/lora.ts';
import { unpackAdapter, type NamedTensor } from '#lib/model/unpack-adapter.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { createAdapterPool, type Placement } from '../adapter-pool.ts';
import { createTurns } from '../turns.ts';
import { checkTrainableAdapter, checkTrainableModel } from './check-trainable.ts';
import { createTrainingDecoder } from './training-decoder.ts';
import { targetsOf, type Segment } from './segments.ts';
import { trainingSizes } from './training-sizes.ts';

export interface Example {
  ids: readonly number[];
  /** As long as `ids`; -100 where a token has no loss. */
  labels: readonly number[];
  /** Index of the adapter that learns from it. */
  adapter: number;
}

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

export async function computeGradients(options: GradientsOptions): Promise<Gradients> {
  const { device, architecture, weights, examples } = options;
  checkTrainableModel(architecture);
  const base = adaptableBase(architecture);
  const sizes = trainingSizes(architecture, {
    rows: examples.reduce((sum, { ids }) => sum + ids.length, 0),
    segments: examples.length,
    length: Math.max(...examples.map(({ ids }) => ids.length)),
    maxBindingBytes: device.maxBindingBytes,
  });
  const adapters: { plan: AdapterPlan; packed: PackedAdapter }[] = [];
  for (const folder of options.adapters) {
    const plan = await readAdapter(folder, base);
    checkAdapter(plan, base);
    checkTrainableAdapter(plan);
    adapters.push({ plan, packed: await packAdapter(folder, plan, base, sizes, null) });
  }
  const pages = adapters.reduce((sum, { packed }) => sum + packed.pages, 0);
  const decoder = await createTrainingDecoder({ device, architecture, weights, sizes: { ...sizes, pages } });
  try {
    const pool = createAdapterPool(device, decoder.cache, { ...sizes, pages }, architecture.layers, createTurns());
    const placed: Placement[] = [];
    for (const { packed } of adapters) {
      const placement = pool.take(packed)!;
      await pool.fill(packed, placement, () => true);
      placed.push(placement);
    }
    const targets = adapters.map((_, i) =>
      examples.reduce((sum, example) => sum + (example.adapter === i ? targetsOf(example) : 0), 0),
    );
    const losses = await decoder.pass(
      examples.map(({ ids, labels, adapter }): Segment => {
        const { rankWidth } = adapters[adapter]!.packed;
        const { descriptor } = placed[adapter]!;
        return { ids, labels, weight: 1 / targets[adapter]!, adapter: { descriptor, rankWidth, gains: false } };
      }),
    );
    const sums = adapters.map(() => 0);
    let next = 0;
    for (const example of examples) {
      for (let i = targetsOf(example); i > 0; i--)
        sums[example.adapter]! += losses[next++]! / targets[example.adapter]!;
    }
    const gradients: NamedTensor[][] = [];
    for (const [i, { plan, packed }] of adapters.entries()) {
      const slabs: Float32Array[] = [];
      for (const buffer of decoder.grads) {
        const { pageBytes: bytes } = sizes;
        const parts = placed[i]!.pages.map((page) => ({ buffer, offset: page * bytes, bytes }));
        slabs.push(new Float32Array(await device.readParts(parts)));
      }
      const { pageElements } = sizes.step;
      gradients.push(unpackAdapter({ plan, packed, pageElements, slabs, factorOfB: ({ scale }) => scale }));
    }
    return { losses: sums, gradients };
  } finally {
    decoder.destroy();
  }
}
