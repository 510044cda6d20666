// Forms of the same training that take turns within one run: short examples packed and padded, adapters together and one by one. And many
// steps in a row, to see whether the process keeps memory of them.

import type { Example } from '#lib/engine/training/examples.ts';
import type { RandomShape } from './random-model.ts';
import { createBenchTrainer, paddedTo, shortExamples, type BenchBase } from './train-setup.ts';

export interface Clock {
  now(): number;
  /** CPU time of this process; on a software device that is the time of its kernels, whatever else runs on the machine. */
  cpuMs(): number;
}

export interface ComparisonOptions extends Clock {
  rank: number;
  /** Rounds that a figure is the median of. */
  repetitions: number;
  onProgress(line: string): void;
}

/** How many times as fast one form is as the other. */
export interface Speedup {
  /** By the clock: median, least and greatest of the rounds. */
  times: number;
  least: number;
  greatest: number;
  /** By CPU time: says something on a software device only. */
  cpuTimes: number;
}

export interface PackingRow extends Speedup {
  examples: number;
  /** Tokens of an example on average. */
  meanTokens: number;
  /** Length that each example is padded to. */
  paddedTo: number;
  samplesPerSecond: { packed: number; padded: number };
}

export interface TogetherRow extends Speedup {
  adapters: number;
  /** Tokens of each adapter's step. */
  tokensEach: number;
}

export interface HeapRow {
  steps: number;
  bytesBefore: number;
  bytesAfter: number;
}

export async function timed({ now, cpuMs }: Clock, run: () => Promise<void>): Promise<{ ms: number; cpu: number }> {
  const [started, cpu] = [now(), cpuMs()];
  await run();
  return { ms: now() - started, cpu: cpuMs() - cpu };
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function speedupOf(options: ComparisonOptions, fast: () => Promise<void>, slow: () => Promise<void>) {
  await fast();
  await slow();
  const rounds: { fast: { ms: number; cpu: number }; slow: { ms: number; cpu: number } }[] = [];
  for (let round = 0; round < options.repetitions; round++)
    rounds.push({ fast: await timed(options, fast), slow: await timed(options, slow) });
  const times = rounds.map((round) => round.slow.ms / round.fast.ms);
  return {
    times: median(times),
    least: Math.min(...times),
    greatest: Math.max(...times),
    cpuTimes: median(rounds.map((round) => round.slow.cpu / round.fast.cpu)),
    fastMs: median(rounds.map((round) => round.fast.ms)),
    slowMs: median(rounds.map((round) => round.slow.ms)),
  };
}

const SHORT = 32;
const SHORT_EXAMPLES = 4;
/** About the longest example of the batch, and a usual cutoff of short rows. */
const PADDED = [48, 128];

export async function comparePacking(
  base: BenchBase,
  shape: RandomShape,
  options: ComparisonOptions,
): Promise<PackingRow[]> {
  const examples = shortExamples(SHORT_EXAMPLES, SHORT, shape.vocab);
  const tokens = tokensOf(examples);
  const rows: PackingRow[] = [];
  for (const length of PADDED) {
    const padded = paddedTo(length, examples);
    const passes = { segments: examples.length, length };
    const packedTrainer = await createBenchTrainer(
      base,
      shape,
      { count: 1, rank: options.rank },
      { ...passes, rows: tokens },
    );
    const sizes = { ...passes, rows: tokensOf(padded) };
    const paddedTrainer = await createBenchTrainer(base, shape, { count: 1, rank: options.rank }, sizes);
    const { fastMs, slowMs, ...speedup } = await speedupOf(
      options,
      () => packedTrainer.step([examples]),
      () => paddedTrainer.step([padded]),
    );
    packedTrainer.destroy();
    paddedTrainer.destroy();
    const samples = (ms: number) => (examples.length * 1000) / ms;
    const samplesPerSecond = { packed: samples(fastMs), padded: samples(slowMs) };
    const meanTokens = tokens / examples.length;
    rows.push({ ...speedup, examples: examples.length, meanTokens, paddedTo: length, samplesPerSecond });
    options.onProgress(`packed ${speedup.times.toFixed(2)} times as many samples a second as padded to ${length}`);
  }
  return rows;
}

const ADAPTERS = 8;
/** Tokens of each adapter's step: one short row, and a batch of them. */
const TOKENS_EACH = [16, 64];

export async function compareTogether(
  base: BenchBase,
  shape: RandomShape,
  options: ComparisonOptions,
): Promise<TogetherRow[]> {
  const rows: TogetherRow[] = [];
  for (const tokensEach of TOKENS_EACH) {
    const count = Math.max(1, tokensEach / SHORT);
    const of = (adapter: number) => shortExamples(count, tokensEach / count, shape.vocab, adapter);
    const all = Array.from({ length: ADAPTERS }, (_, adapter) => of(adapter));
    const length = 2 * SHORT;
    const together = await createBenchTrainer(
      base,
      shape,
      { count: ADAPTERS, rank: options.rank },
      { rows: tokensOf(all.flat()), segments: ADAPTERS * count, length },
    );
    const alone = await createBenchTrainer(
      base,
      shape,
      { count: 1, rank: options.rank },
      { rows: Math.max(...all.map(tokensOf)), segments: count, length },
    );
    const { times, least, greatest, cpuTimes } = await speedupOf(
      options,
      () => together.step([all.flat()]),
      async () => {
        for (const examples of all) await alone.step([examples.map((example) => ({ ...example, adapter: 0 }))]);
      },
    );
    together.destroy();
    alone.destroy();
    rows.push({ times, least, greatest, cpuTimes, adapters: ADAPTERS, tokensEach: tokensOf(all.flat()) / ADAPTERS });
    options.onProgress(
      `${ADAPTERS} adapters of ${tokensEach} tokens: together ${times.toFixed(2)} times as fast as in turn`,
    );
  }
  return rows;
}

/** The first steps fill caches. */
const WARM_STEPS = 50;

/** `heapBytes`: after garbage is collected. */
export async function watchHeap(
  base: BenchBase,
  shape: RandomShape,
  { rank, steps, heapBytes, onProgress }: ComparisonOptions & { steps: number; heapBytes(): number },
): Promise<HeapRow> {
  const examples = shortExamples(1, 4, shape.vocab);
  const trainer = await createBenchTrainer(base, shape, { count: 1, rank }, { rows: 16, segments: 1, length: 16 });
  for (let step = 0; step < WARM_STEPS; step++) await trainer.step([examples]);
  const bytesBefore = heapBytes();
  for (let step = 0; step < steps; step++) {
    await trainer.step([examples]);
    if ((step + 1) % 100 === 0) onProgress(`heap: ${step + 1} of ${steps} steps`);
  }
  const bytesAfter = heapBytes();
  trainer.destroy();
  return { steps, bytesBefore, bytesAfter };
}

const tokensOf = (examples: readonly Example[]): number => examples.reduce((sum, { ids }) => sum + ids.length, 0);
