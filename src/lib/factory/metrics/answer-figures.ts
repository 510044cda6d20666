// The figures of answers to questions: how many are the expected text, how near the others are, how long they are.

import { isExactMatch } from './exact-match.ts';
import { isJsonAnswer } from './json-answer.ts';
import { ratioFigure, type Figure } from './ratio-figure.ts';
import { rougeOf } from './rouge.ts';

export interface Answered {
  answer: string;
  expected: string;
}

/** Null: there is no question that it can be measured on. */
export interface AnswerFigures {
  exact: Figure | null;
  /** Of questions whose expected text has words in the sense of Rouge. */
  rouge1: Figure | null;
  rouge2: Figure | null;
  rougeL: Figure | null;
  /** Share of JSON, of questions whose expected text is JSON. */
  json: Figure | null;
  /** Characters of all answers by those of all expected texts. */
  length: Figure | null;
}

/**
 * @example
 * import { answerFigures } from '#lib/factory/metrics/answer-figures.ts';
 *
 * const { exact } = answerFigures([{ answer: 'A kakapo.', expected: 'A kakapo.' }]);
 * if (exact) console.log(`${exact.value} of 1, from ${exact.low} to ${exact.high}, over ${exact.of} questions`);
 */
export function answerFigures(all: readonly Answered[]): AnswerFigures {
  const rouges = all.flatMap(({ answer, expected }) => rougeOf(answer, expected) ?? []);
  const meanOf = (values: readonly number[]) => ratioFigure(values.map((over) => ({ over, under: 1 })));
  const json = all.filter(({ expected }) => isJsonAnswer(expected));
  return {
    exact: meanOf(all.map(({ answer, expected }) => +isExactMatch(answer, expected))),
    rouge1: meanOf(rouges.map(({ rouge1 }) => rouge1)),
    rouge2: meanOf(rouges.map(({ rouge2 }) => rouge2)),
    rougeL: meanOf(rouges.map(({ rougeL }) => rougeL)),
    json: meanOf(json.map(({ answer }) => +isJsonAnswer(answer))),
    length: ratioFigure(all.map(({ answer, expected }) => ({ over: answer.length, under: expected.length }))),
  };
}
