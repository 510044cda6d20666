// Finds what validation shares with training: equal rows, nearly equal ones, and rows that ask the same question. A loss measured
// on such rows says nothing about questions that are new.

import type { Digester } from '#lib/core/digester.ts';
import { createDuplicateFinder, DEFAULT_THRESHOLD } from '#lib/dataset/duplicates/find-duplicates.ts';
import type { ExampleForm } from './example-form.ts';
import type { RowRef, SourcedRow } from './training-row.ts';

export interface Leak {
  kind: 'exact' | 'near' | 'question';
  validation: RowRef;
  /** The first such row of the training set. */
  train: RowRef;
  /** 1 for equal rows and equal questions, otherwise an estimate. */
  similarity: number;
}

export interface FormedRow extends SourcedRow {
  form: ExampleForm;
}

export interface Leakage {
  /** At most one for each row of validation. */
  leaks: Leak[];
  /** False when there were too many rows to compare all of them for near duplicates. */
  looksNear: boolean;
}

export function findLeakage(
  train: readonly FormedRow[],
  validation: readonly FormedRow[],
  digester: Digester,
  threshold = DEFAULT_THRESHOLD,
): Leakage {
  const finder = createDuplicateFinder(digester, { threshold });
  const questions = new Map<string, FormedRow>();
  for (const [at, row] of train.entries()) {
    finder.add(row.value, at);
    const question = questionOf(row.form);
    if (question !== null && !questions.has(question)) questions.set(question, row);
  }
  const { looksNear } = finder;
  const leaks = validation.flatMap((row, at): Leak[] => {
    const found = finder.add(row.value, train.length + at);
    const duplicate = found && train[found.of];
    if (found && duplicate) {
      return [{ kind: found.kind, validation: refOf(row), train: refOf(duplicate), similarity: found.similarity }];
    }
    const question = questionOf(row.form);
    const same = question === null ? undefined : questions.get(question);
    return same ? [{ kind: 'question', validation: refOf(row), train: refOf(same), similarity: 1 }] : [];
  });
  return { leaks, looksNear };
}

const refOf = ({ source, id }: FormedRow): RowRef => ({ source, id });

const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/** The words of users before the first learned answer, in small letters; null when there are none. */
function questionOf(form: ExampleForm): string | null {
  if (form.kind !== 'chat') return null;
  const before = form.messages.slice(0, form.learned.indexOf(true)).filter(({ role }) => role === 'user');
  const texts = before.flatMap(({ content }) =>
    typeof content === 'string' ? [content] : content === undefined ? [] : [JSON.stringify(content)],
  );
  const words = texts.join(' ').toLowerCase().match(WORD);
  return words && words.join(' ');
}
