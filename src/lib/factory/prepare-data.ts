// Rows become the data of a training run: licences are checked, rows are split into training and validation, what both share is
// taken out of validation, and each row becomes an example that names the rows it was made of. Nothing here depends on a device.

import { AbortedError } from '#lib/core/errors.ts';
import type { Digester } from '#lib/core/digester.ts';
import { checkSourceLicences, termsOf, type AdapterTerms } from './check-licences.ts';
import { createExampleCounter, requireLoss, type ExampleCounter, type ExampleCounts } from './data-report.ts';
import { TrainingDataError } from './errors.ts';
import { formOfRow } from './example-form.ts';
import { findLeakage, type FormedRow, type Leak } from './find-leakage.ts';
import { drawPartners, joinForms } from './join-forms.ts';
import { labelExample, type LabelOptions } from './label-example.ts';
import { LENGTH_BUCKETS } from './pack-segments.ts';
import { splitRows, type SplitOptions } from './split-rows.ts';
import type { Labeller, TrainingExample } from './training-example.ts';
import type { RowRef, RowSource, SourcedRow } from './training-row.ts';

export interface DataOptions extends LabelOptions {
  /** Which answers of a row are learned. */
  turns: 'all' | 'last';
  validation: SplitOptions;
  /** Share of the rows whose example goes on with the conversation of another row, from 0 to 1. */
  joined: number;
  /** For joining. */
  seed: number;
}

export interface TrainingData {
  train: TrainingExample[];
  validation: TrainingExample[];
  counts: { train: ExampleCounts; validation: ExampleCounts };
  /** Rows that were taken out of validation, each with the row of training that it repeats. */
  leaks: Leak[];
  /** False when there were too many rows to compare all of them for near duplicates. */
  looksNear: boolean;
  terms: AdapterTerms;
}

export interface DataContext {
  labeller: Labeller;
  digester: Digester;
  signal?: AbortSignal | undefined;
  /** Awaited from time to time, so that other work of the thread gets its turn. */
  turn?: (() => Promise<void>) | undefined;
}

export interface DataProgress {
  stage: 'reading' | 'labelling';
  rows: number;
}

/** All rows are held in memory. */
const MAX_ROWS = 1_000_000;
export const LEAST_LENGTH = 16;
const LARGEST_BUCKET = LENGTH_BUCKETS.at(-1)!;
/** Rows between two turns: a row of the largest size can take seconds. */
const BATCH = 8;

/**
 * @throws TrainingDataError when a licence forbids it, there are no rows, no token is learned, or the length limit is out of range; AbortedError
 *
 * @example
 * import { prepareData } from '#lib/factory/prepare-data.ts';
 *
 * const options = { turns: 'all', length: 512, validation: { share: 0.05, least: 20 }, joined: 0, seed: 1 } as const;
 * const run = prepareData(rowSources, options, { labeller, digester, signal });
 * for (let next = await run.next(); ; next = await run.next()) {
 *   if (next.done) break;
 *   console.log(next.value.stage, next.value.rows);
 * }
 */
export async function* prepareData(
  sources: readonly RowSource[],
  options: DataOptions,
  context: DataContext,
): AsyncGenerator<DataProgress, TrainingData, undefined> {
  const { digester, signal, turn } = context;
  const { length } = options;
  if (!Number.isInteger(length) || length < LEAST_LENGTH || length > LARGEST_BUCKET) throw badLength(length);
  // Before anything is fetched.
  checkSourceLicences(sources);
  const rows: SourcedRow[] = [];
  for (const [source, { rows: read }] of sources.entries()) {
    for await (const batch of read(signal)) {
      stopIfAborted(signal);
      for (const row of batch) rows.push({ ...row, source });
      if (rows.length > MAX_ROWS) throw tooMany();
      yield { stage: 'reading', rows: rows.length };
      await turn?.();
    }
  }
  const terms = termsOf(sources, rows);
  const split = splitRows(rows, options.validation);
  const counters = { train: createExampleCounter(), validation: createExampleCounter() };
  const train = formsOf(split.train, options.turns, counters.train);
  const held = formsOf(split.validation, options.turns, counters.validation);
  const { leaks, looksNear } = findLeakage(train, held, digester);
  const leaking = new Set(leaks.map(({ validation }) => keyOf(validation)));
  const clean = held.filter((row) => !leaking.has(keyOf(row)));
  for (const { kind, validation } of leaks) counters.validation.drop(LEAK_WORDS[kind], validation);

  const joins = drawPartners(train.length, options.joined, options.seed);
  const data = {
    train: yield* examplesOf(train, joins, options, context, counters.train),
    validation: yield* examplesOf(clean, [], options, context, counters.validation),
  };
  const counts = { train: counters.train.counts(), validation: counters.validation.counts() };
  requireLoss(counts.train);
  return { ...data, counts, leaks, looksNear, terms };
}

const LEAK_WORDS: Record<Leak['kind'], string> = {
  exact: 'the row is in the training set, too',
  near: 'a row of the training set says nearly the same',
  question: 'a row of the training set asks the same question',
};

const keyOf = ({ source, id }: RowRef): string => `${source} ${id}`;

function formsOf(rows: readonly SourcedRow[], turns: DataOptions['turns'], counter: ExampleCounter): FormedRow[] {
  return rows.flatMap((row) => {
    counter.row();
    const form = formOfRow(row.value, turns);
    if (!('reason' in form)) return [{ ...row, form }];
    counter.drop(form.reason, { source: row.source, id: row.id });
    return [];
  });
}

async function* examplesOf(
  rows: readonly FormedRow[],
  partners: readonly (number | null)[],
  options: LabelOptions,
  { labeller, signal, turn }: DataContext,
  counter: ExampleCounter,
): AsyncGenerator<DataProgress, TrainingExample[], undefined> {
  const examples: TrainingExample[] = [];
  for (const [at, row] of rows.entries()) {
    if (at % BATCH === 0) {
      yield { stage: 'labelling', rows: at };
      await turn?.();
      stopIfAborted(signal);
    }
    const partner = partners[at] ?? null;
    const other = partner === null ? null : rows[partner]!;
    const joined = other && joinForms(row.form, other.form);
    const both = joined && labelExample(joined, labeller, options);
    // A pair that does not fit whole is not made: the row stands alone.
    const isPair = both !== null && !('reason' in both) && both[0]!.cut === 0;
    const made = isPair ? both : labelExample(row.form, labeller, options);
    if ('reason' in made) {
      counter.drop(made.reason, refOf(row));
      continue;
    }
    const named = isPair ? [refOf(row), refOf(other!)] : [refOf(row)];
    for (const example of made) {
      counter.example(example);
      examples.push({ rows: named, ids: Int32Array.from(example.ids), loss: example.loss });
    }
  }
  return examples;
}

const refOf = ({ source, id }: SourcedRow): RowRef => ({ source, id });

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError(signal.reason);
}

const badLength = (length: number): TrainingDataError =>
  new TrainingDataError(
    `The length limit of an example is ${length} tokens.`,
    `Choose ${LEAST_LENGTH} to ${LARGEST_BUCKET} tokens.`,
  );

const tooMany = (): TrainingDataError =>
  new TrainingDataError(`The data has more than ${MAX_ROWS} rows.`, 'Choose fewer sources, or a smaller version.');
