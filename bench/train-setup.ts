// What measurements of training start from: random weights on a device, trainers of random adapters, examples of random tokens.

import { createRng } from '#lib/core/rng.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { createAdapterTrainer, type AdapterTrainer } from '#lib/engine/training/adapter-trainer.ts';
import type { StepSettings } from '#lib/engine/training/training-host.ts';
import type { Example } from '#lib/engine/training/examples.ts';
import { UNLABELLED } from '#lib/engine/training/segments.ts';
import type { TrainingBudget } from '#lib/engine/training/training-sizes.ts';
import { readTensorIndex } from '#lib/formats/model/model-files.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import { readArchitecture } from '#lib/model/config.ts';
import { resolveTensors } from '#lib/model/families/resolve-tensors.ts';
import { loadWeights, type ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { createRandomAdapter, createRandomModel, type RandomShape } from './random-model.ts';

export interface BenchBase {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
}

export async function loadBenchBase(
  device: Device,
  shape: RandomShape,
  dtype: WeightDtype,
  createLoader?: Parameters<typeof loadWeights>[0]['createLoader'],
): Promise<BenchBase> {
  const folder = createRandomModel(shape);
  const architecture = await readArchitecture(folder);
  const tensors = resolveTensors(architecture, await readTensorIndex(folder), folder.name);
  const onBytes = () => undefined;
  const weights = await loadWeights({
    ...{ device, folder, architecture, tensors, dtype, onBytes },
    ...(createLoader && { createLoader }),
  });
  return { device, architecture, weights };
}

export interface BenchTrainer {
  /** One step of all adapters over these passes. */
  step(batches: readonly (readonly Example[])[]): Promise<void>;
  destroy(): void;
}

const SETTINGS: StepSettings = { rate: 1e-5, betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clip: 1 };

export async function createBenchTrainer(
  base: BenchBase,
  shape: RandomShape,
  adapters: { count: number; rank: number },
  budget: Omit<TrainingBudget, 'maxBindingBytes'>,
): Promise<BenchTrainer> {
  const all = Array.from({ length: adapters.count }, (_, i) => i);
  const folders = all.map((i) => createRandomAdapter(shape, adapters.rank, i + 1));
  const trainer: AdapterTrainer = await createAdapterTrainer({ ...base, adapters: folders }, budget);
  const settings = all.map(() => SETTINGS);
  return {
    async step(batches) {
      await trainer.step(batches, settings);
      await base.device.settle();
    },
    destroy: () => trainer.destroy(),
  };
}

/** The second half of each example is learned, as the answer behind a question. */
export function exampleOf(tokens: number, vocab: number, adapter: number, seed: number): Example {
  const rng = createRng(seed);
  const ids = Array.from({ length: tokens }, () => rng.below(vocab));
  return { ids, labels: ids.map((id, at) => (at < tokens / 2 ? UNLABELLED : id)), adapter };
}

/** Lengths from half the mean to one and a half times it. */
export function shortExamples(count: number, mean: number, vocab: number, adapter = 0): Example[] {
  const rng = createRng(adapter + 1);
  return Array.from({ length: count }, (_, i) =>
    exampleOf(Math.ceil(mean / 2) + rng.below(mean), vocab, adapter, 1000 * adapter + i),
  );
}

/** The same with tokens behind the end that carry no loss, as a batch of one length has them. */
export function paddedTo(length: number, examples: readonly Example[]): Example[] {
  return examples.map(({ ids, labels, adapter }) => {
    const rest = Math.max(0, length - ids.length);
    return {
      ids: [...ids, ...new Array<number>(rest).fill(0)],
      labels: [...labels, ...new Array<number>(rest).fill(UNLABELLED)],
      adapter,
    };
  });
}
