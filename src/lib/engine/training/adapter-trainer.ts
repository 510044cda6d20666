// Adapters that learn: passes over examples, then a step of the optimizer for all of them at once. It keeps the moments; which examples
// come when, at which rate, is for the caller.

import { ELEMENT_BYTES } from '#lib/webgpu/element.ts';
import type { NamedTensor } from '#lib/model/unpack-adapter.ts';
import { SCALE_ELEMENTS, type OptimizerJob } from '#lib/webgpu/kernels/adamw/optimizer-table.ts';
import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import { checkExamples, lossesOf, segmentsOf, type Example } from './examples.ts';
import { targetsOf, type Segment } from './segments.ts';
import { optimizerScales } from './optimizer-scales.ts';
import { createOptimizer, type OptimizerLayer } from './optimizer.ts';
import { createTrainingSet, type TrainingSetOptions } from './training-set.ts';
import type { TrainingBudget } from './training-sizes.ts';

export type StepSettings = Omit<OptimizerJob, 'pages' | 'scale' | 'applies'>;

export interface AdapterTrainer {
  /**
   * One step of every adapter that has a target in `batches`, each a pass.
   * @returns by adapter the mean loss before the step; NaN where it has no target
   */
  step(batches: readonly (readonly Example[])[], settings: readonly StepSettings[]): Promise<number[]>;
  /** As PEFT names them, by adapter. */
  weights(): Promise<NamedTensor[][]>;
  destroy(): void;
}

export async function createAdapterTrainer(
  options: TrainingSetOptions,
  budget: Omit<TrainingBudget, 'maxBindingBytes'>,
): Promise<AdapterTrainer> {
  const { device, architecture } = options;
  const set = await createTrainingSet(options, budget);
  const { decoder, sizes, adapters, unfold, fold } = set;
  const owned: DeviceBuffer[] = [];
  const create = (label: string, elements: number) => {
    const buffer = device.createBuffer(label, elements * ELEMENT_BYTES.f32);
    owned.push(buffer);
    return buffer;
  };
  const { pageElements } = sizes.step;
  const elements = sizes.pages * pageElements;
  const layers = decoder.grads.map((grads, layer): OptimizerLayer => {
    const scales = create('scales of the optimizer', elements / SCALE_ELEMENTS);
    device.write(scales, 0, optimizerScales(adapters, layer, sizes));
    const moments = { first: create('first moments', elements), second: create('second moments', elements) };
    return { pool: decoder.cache.pools[layer]!, grads, scales, ...moments };
  });
  const optimizer = await createOptimizer(device, layers, {
    ...{ pageElements, mostJobs: adapters.length, mostPages: sizes.pages },
  });
  /** All or none: a step that is refused leaves no gradient behind. */
  const submitAll = (passes: readonly Segment[][]): Promise<Float32Array>[] => {
    try {
      return passes.map((segments) => decoder.pass(segments));
    } catch (error) {
      decoder.clear();
      throw error;
    }
  };
  return {
    async step(batches, settings) {
      const all = batches.flat();
      checkExamples(all, architecture.vocab, adapters.length);
      const passes = submitAll(batches.map((batch) => segmentsOf(batch, all, adapters)));
      const jobs = adapters.map(({ placement: { pages } }, i): OptimizerJob => {
        const applies = all.some((example) => example.adapter === i && targetsOf(example) > 0);
        return { ...settings[i]!, pages, scale: 1, applies };
      });
      device.submit([...unfold(), ...optimizer.step(jobs), ...fold]);
      const losses = await Promise.all(passes);
      return lossesOf(all, Float32Array.from(losses.flatMap((of) => [...of])), adapters);
    },
    async weights() {
      device.submit(unfold());
      const tensors: NamedTensor[][] = [];
      for (const adapter of adapters) tensors.push(await set.weightsOf(adapter));
      device.submit(fold);
      return tensors;
    },
    destroy() {
      optimizer.destroy();
      for (const buffer of owned) buffer.destroy();
      set.destroy();
    },
  };
}
