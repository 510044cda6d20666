// Gradients of adapters over a loaded base, as tensors under PEFT's names: of all examples of an adapter together, or of each example. All
// that it needs beside the weights it makes and frees again.

import type { NamedTensor } from '#lib/model/unpack-adapter.ts';
import { TrainingDataError } from './errors.ts';
import { checkExamples, lossesOf, segmentsOf, type Example, type Measure } from './examples.ts';
import { targetsOf } from './segments.ts';
import { createTrainingSet, type TrainingSet, type TrainingSetOptions } from './training-set.ts';

export interface GradientsOptions extends TrainingSetOptions {
  examples: readonly Example[];
  /** Default: the mean loss. */
  measure?: Measure | undefined;
}

export interface Gradients {
  /** By adapter: the mean over its targets, also where the gradient is of the log-likelihood. */
  losses: number[];
  /** By adapter: by each of its parameters. */
  gradients: NamedTensor[][];
}

/** @throws TrainingUnsupportedError, TrainingDataError */
export async function computeGradients(options: GradientsOptions): Promise<Gradients> {
  const { device, architecture, examples, measure } = options;
  checkExamples(examples, architecture.vocab, options.adapters.length);
  const budget = {
    rows: examples.reduce((sum, { ids }) => sum + ids.length, 0),
    segments: examples.length,
    length: Math.max(0, ...examples.map(({ ids }) => ids.length)),
  };
  const { decoder, adapters, gradientsOf, destroy } = await createTrainingSet(options, budget);
  try {
    const targets = await decoder.pass(segmentsOf(examples, examples, adapters, measure));
    device.submit(adapters.flatMap(({ gains, segment }) => gains?.gradients([segment.descriptor]) ?? []));
    const losses = new Float32Array(await device.read(decoder.losses, 0, targets * 4));
    const gradients: NamedTensor[][] = [];
    for (const adapter of adapters) gradients.push(await gradientsOf(adapter));
    return { losses: lossesOf(examples, losses, adapters), gradients };
  } finally {
    destroy();
  }
}

export interface ExampleGradient {
  /** Its number. */
  example: number;
  /** The mean over its targets, also where the gradient is of the log-likelihood. */
  loss: number;
  targets: number;
  /** By each parameter of its adapter. */
  gradient: NamedTensor[];
}

const PASS_ROWS = 512;

/**
 * The gradient of each example alone, in their order. A pass computes as many as memory has places for.
 * @throws TrainingUnsupportedError, TrainingDataError
 */
export async function* exampleGradients(
  options: GradientsOptions & {
    /** Tokens of a pass, unless one example has more. Default 512. */
    passRows?: number | undefined;
  },
): AsyncGenerator<ExampleGradient> {
  const { architecture, examples, passRows = PASS_ROWS } = options;
  checkExamples(examples, architecture.vocab, options.adapters.length);
  examples.forEach((example, i) => {
    if (targetsOf(example) === 0)
      throw new TrainingDataError(`No token of example ${i} has a label.`, 'Label the tokens to be learned.');
  });
  const length = Math.max(0, ...examples.map(({ ids }) => ids.length));
  const rows = Math.max(length, passRows);
  const set = await createTrainingSet(options, { rows, segments: examples.length, length, each: true });
  try {
    for (let first = 0; first < examples.length;) {
      const end = passEnd(examples, first, rows, set.places!.count);
      yield* onePass(set, examples.slice(first, end), first, options);
      first = end;
    }
  } finally {
    set.destroy();
  }
}

function passEnd(examples: readonly Example[], first: number, rows: number, places: number): number {
  let end = first;
  for (let left = rows; end < Math.min(examples.length, first + places); end++) {
    left -= examples[end]!.ids.length;
    if (left < 0) break;
  }
  return end;
}

async function* onePass(
  { decoder, adapters, places: all, sizes, gradientsOf }: TrainingSet,
  examples: readonly Example[],
  first: number,
  { device, measure }: GradientsOptions,
): AsyncGenerator<ExampleGradient> {
  const places = all!;
  const segments = examples.map((example, place) => {
    const [segment] = segmentsOf([example], [example], adapters, measure);
    const { descriptor } = places.at(place);
    const words = places.describe(place, adapters[example.adapter]!.packed);
    device.write(decoder.cache.state, (sizes.step.adapters + descriptor) * 4, words);
    return { ...segment!, place: descriptor };
  });
  const count = await decoder.pass(segments);
  const placesOf = (adapter: number) =>
    segments.filter((_, i) => examples[i]!.adapter === adapter).map(({ place }) => place);
  device.submit(adapters.flatMap(({ gains }, adapter) => gains?.gradients(placesOf(adapter)) ?? []));
  const losses = new Float32Array(await device.read(decoder.losses, 0, count * 4));
  let next = 0;
  for (const [place, example] of examples.entries()) {
    const targets = targetsOf(example);
    const loss = losses.subarray(next, (next += targets)).reduce((sum, of) => sum + of, 0) / targets;
    const gradient = await gradientsOf(adapters[example.adapter]!, places.at(place).pages);
    yield { example: first + place, loss, targets, gradient };
  }
  decoder.clear(examples.length * (places.pages / places.count));
  for (const { tables } of adapters) tables?.clear();
}
