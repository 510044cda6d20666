// Counts what became of the rows, in words and figures that a user can act on.

import type { LabelMethod } from '#lib/model/labels/label-source.ts';
import { TrainingDataError } from './errors.ts';
import type { LabelledExample } from './label-example.ts';
import type { RowRef } from './training-row.ts';

export interface Dropped {
  reason: string;
  count: number;
  /** The first of them. */
  rows: RowRef[];
}

export interface ExampleCounts {
  rows: number;
  examples: number;
  tokens: number;
  lossTokens: number;
  /** Examples that were cut at the length limit, and the tokens cut off. */
  cut: { examples: number; tokens: number };
  /** Examples in which special tokens were spelled out by users and stayed words. */
  guarded: number;
  /** Examples in which an answer stays without loss, because the template does not write it as it is. */
  missed: number;
  /** How the learned words were found, by number of examples. */
  methods: Partial<Record<LabelMethod, number>>;
  /** The most frequent first. */
  dropped: Dropped[];
}

export interface ExampleCounter {
  row(): void;
  example(labelled: LabelledExample): void;
  drop(reason: string, row: RowRef): void;
  counts(): ExampleCounts;
}

const MAX_ROWS_LISTED = 20;
const MAX_REASONS = 100;
const OTHER = 'other reasons';

export function createExampleCounter(): ExampleCounter {
  const counts: Omit<ExampleCounts, 'dropped'> = {
    ...{ rows: 0, examples: 0, tokens: 0, lossTokens: 0, cut: { examples: 0, tokens: 0 }, guarded: 0, missed: 0 },
    methods: {},
  };
  const dropped = new Map<string, Dropped>();
  return {
    row: () => {
      counts.rows++;
    },
    example: ({ ids, loss, cut, guarded, missed, methods }) => {
      counts.examples++;
      counts.tokens += ids.length;
      counts.lossTokens += loss.reduce((sum, one) => sum + one, 0);
      if (cut > 0) {
        counts.cut.examples++;
        counts.cut.tokens += cut;
      }
      if (guarded > 0) counts.guarded++;
      if (missed.length > 0) counts.missed++;
      for (const method of methods) counts.methods[method] = (counts.methods[method] ?? 0) + 1;
    },
    drop: (reason, row) => {
      const name = dropped.has(reason) || dropped.size < MAX_REASONS ? reason : OTHER;
      const entry = dropped.get(name) ?? { reason: name, count: 0, rows: [] };
      dropped.set(name, entry);
      entry.count++;
      if (entry.rows.length < MAX_ROWS_LISTED) entry.rows.push(row);
    },
    counts: () => ({ ...counts, dropped: [...dropped.values()].sort((a, b) => b.count - a.count) }),
  };
}

/** @throws TrainingDataError when there is nothing to learn */
export function requireLoss({ rows, lossTokens, dropped }: ExampleCounts): void {
  if (lossTokens > 0) return;
  if (rows === 0)
    throw new TrainingDataError('The data has no rows to train on.', 'Choose a Datanet or a file with rows.');
  const [most] = dropped;
  const why = most ? `; of ${most.count} of them: ${most.reason}` : '';
  throw new TrainingDataError(
    `No token of the ${rows} rows is learned, so there is nothing to train${why}.`,
    'Choose rows with answers of an assistant, texts, or prompts with completions; or raise the length limit.',
  );
}
