// Adapters that learn: passes over examples, then a step of the optimizer for all of them at once. It keeps the moments; which examples
// come when, at which rate, is for the caller.

import { ELEMENT_BYTES } from '#lib/webgpu/element.ts';
import type { NamedTensor } from '#lib/model/unpack-adapter.ts';
import { ACTION, RECORD, SCALE_ELEMENTS, type OptimizerJob } from '#lib/webgpu/kernels/adamw/optimizer-table.ts';
import type { BufferPart, DeviceBuffer } from '#lib/webgpu/device.ts';
import { checkExamples, lossesOf, scoredSegmentsOf, scoresOf, segmentsOf, type Example } from './examples.ts';
import { targetsOf } from './segments.ts';
import { optimizerScales } from './optimizer-scales.ts';
import { optimizerTables } from './optimizer-tables.ts';
import { createOptimizer, type OptimizerLayer } from './optimizer.ts';
import type { ExampleScore, ScoredExample, StepOutcome, StepSettings } from './training-host.ts';
import { createTrainingSet, type TrainedAdapter, type TrainingSetOptions } from './training-set.ts';
import type { TrainingBudget } from './training-sizes.ts';

export interface AdapterTrainer {
  readonly adapters: readonly TrainedAdapter[];
  /** Bytes of a page. */
  readonly pageBytes: number;
  /** On the device. */
  readonly bytes: { adapters: number; optimizer: number };
  /**
   * All numbers that later steps depend on, in an order that depends on the adapters alone: weights, moments, records of the optimizer, row
   * norms of DoRA.
   */
  readonly lasting: readonly BufferPart[];
  /** One step of every adapter that has a target in `batches`, each a pass. */
  step(batches: readonly (readonly Example[])[], settings: readonly StepSettings[]): Promise<StepOutcome[]>;
  /** Losses without learning, example by example. */
  score(batches: readonly (readonly ScoredExample[])[]): Promise<ExampleScore[]>;
  /** As PEFT names them, by adapter. */
  weights(): Promise<NamedTensor[][]>;
  /** Gradients of a step that did not end are forgotten. */
  clear(): void;
  destroy(): void;
}

export async function createAdapterTrainer(
  options: TrainingSetOptions,
  budget: Omit<TrainingBudget, 'maxBindingBytes'>,
): Promise<AdapterTrainer> {
  const { device, architecture } = options;
  const set = await createTrainingSet(options, budget);
  const { decoder, sizes, adapters, pace } = set;
  const owned: DeviceBuffer[] = [];
  const create = (label: string, elements: number, values?: Float32Array<ArrayBuffer>) => {
    const buffer = device.createBuffer(label, elements * ELEMENT_BYTES.f32);
    owned.push(buffer);
    if (values) device.write(buffer, 0, values);
    return buffer;
  };
  const { pageElements } = sizes.step;
  const elements = sizes.pages * pageElements;
  const layers = decoder.grads.map((grads, layer): OptimizerLayer => {
    const scales = create(
      'scales of the optimizer',
      elements / SCALE_ELEMENTS,
      optimizerScales(adapters, layer, sizes),
    );
    const moments = { first: create('first moments', elements), second: create('second moments', elements) };
    return { pool: decoder.cache.pools[layer]!, grads, scales, ...moments };
  });
  const tables = optimizerTables(adapters, create);
  const clear = () => {
    decoder.clear();
    for (const of of adapters) of.tables?.clear();
  };
  const optimizer = await createOptimizer(device, layers, tables, {
    ...{ pageElements, mostJobs: adapters.length, mostPages: sizes.pages },
  });
  const { records } = optimizer;
  const recordBytes = RECORD.words * 4;

  /** Losses of all targets, and behind them the records. */
  const run = async (
    batches: readonly (readonly Example[])[],
    all: readonly Example[],
    jobs: readonly OptimizerJob[],
  ) => {
    const reads: Promise<ArrayBuffer>[] = [];
    let targets = 0;
    for (const [i, batch] of batches.entries()) {
      targets = await decoder.pass(segmentsOf(batch, all, adapters));
      // The next pass overwrites them. Of the last pass they are read together with the records.
      if (i < batches.length - 1) reads.push(readLater(device.read(decoder.losses, 0, targets * 4)));
    }
    const learning = adapters.filter((_, i) => jobs[i]!.applies);
    await pace.submit('optimizer', [
      ...learning.flatMap(({ gains, segment }) =>
        gains ? [...gains.gradients([segment.descriptor]), ...gains.unfold] : [],
      ),
      ...optimizer.step(jobs),
      ...learning.flatMap(({ gains }) => gains?.fold ?? []),
    ]);
    const last: BufferPart = { buffer: decoder.losses, offset: 0, bytes: targets * 4 };
    const kept: BufferPart = { buffer: records, offset: 0, bytes: adapters.length * recordBytes };
    const [end, ...earlier] = await Promise.all([device.readParts([last, kept]), ...reads]);
    const losses = [...earlier, end.slice(0, last.bytes)].flatMap((bytes) => [...new Float32Array(bytes)]);
    return { losses, records: new Uint32Array(end, last.bytes, adapters.length * RECORD.words) };
  };

  return {
    adapters,
    pageBytes: sizes.pageBytes,
    bytes: {
      adapters: [...layers, ...tables].reduce((sum, { pool }) => sum + pool.bytes, 0),
      optimizer: [...layers, ...tables].reduce((sum, { grads, first, second, scales }) => {
        return sum + grads.bytes + first.bytes + second.bytes + scales.bytes;
      }, 0),
    },
    lasting: adapters.flatMap(({ placement, gains }, i): BufferPart[] => [
      { buffer: records, offset: i * recordBytes, bytes: recordBytes },
      ...layers.flatMap(({ pool, first, second }) =>
        [pool, first, second].flatMap((buffer) =>
          placement.pages.map((page) => ({ buffer, offset: page * sizes.pageBytes, bytes: sizes.pageBytes })),
        ),
      ),
      ...tables.flatMap(({ job, pool, first, second }) =>
        job === i ? [pool, first, second].map((buffer) => ({ buffer, offset: 0, bytes: buffer.bytes })) : [],
      ),
      ...(gains?.norms ?? []).map(({ matrix, buffer }) => ({ buffer, offset: 0, bytes: matrix.target.output * 4 })),
    ]),
    async step(batches, settings) {
      const all = batches.flat();
      checkExamples(all, architecture.vocab, adapters.length);
      const jobs = adapters.map(({ placement: { pages } }, i): OptimizerJob => {
        const applies = all.some((example) => example.adapter === i && targetsOf(example) > 0);
        return { ...settings[i]!, pages, scale: 1, applies };
      });
      try {
        const { losses, records: words } = await run(batches, all, jobs);
        const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
        const means = lossesOf(all, losses, adapters);
        return adapters.map((_, i): StepOutcome => {
          const at = i * RECORD.words;
          const action = ACTIONS[words[at + RECORD.action]!]!;
          return { loss: means[i]!, norm: action === 'waited' ? 0 : floats[at + RECORD.norm]!, action };
        });
      } catch (error) {
        // All or nothing: a step that is refused leaves no gradient behind.
        clear();
        throw error;
      }
    },
    async score(batches) {
      const all = batches.flat();
      checkExamples(all, architecture.vocab, adapters.length);
      const scores: ExampleScore[] = [];
      for (const batch of batches) {
        if (batch.every((example) => targetsOf(example) === 0)) {
          scores.push(...scoresOf(batch, [], []));
          continue;
        }
        const targets = await decoder.score(scoredSegmentsOf(batch, adapters));
        const bytes = targets * 4;
        const parts = [decoder.losses, decoder.hits].map((buffer) => ({ buffer, offset: 0, bytes }));
        const read = await device.readParts(parts);
        scores.push(...scoresOf(batch, new Float32Array(read, 0, targets), new Uint32Array(read, bytes, targets)));
      }
      return scores;
    },
    async weights() {
      const tensors: NamedTensor[][] = [];
      for (const adapter of adapters) tensors.push(await set.weightsOf(adapter));
      return tensors;
    },
    clear,
    destroy() {
      optimizer.destroy();
      for (const buffer of owned) buffer.destroy();
      set.destroy();
    },
  };
}

/** A failure is handled where the read is awaited; this keeps it from being reported as unhandled before that. */
function readLater(read: Promise<ArrayBuffer>): Promise<ArrayBuffer> {
  read.catch(() => undefined);
  return read;
}

const ACTIONS: Readonly<Record<number, StepOutcome['action']>> = {
  [ACTION.waited]: 'waited',
  [ACTION.stepped]: 'stepped',
  [ACTION.skipped]: 'skipped',
};
