// Rows as what an evaluation needs of them: questions to answer, and tokens whose loss is measured. A row without an answer of its own,
// such as a text, has no question.

import type { JsonObject } from '#lib/formats/json/json-file.ts';
import type { Prompt } from '#lib/model/chat-message.ts';
import { createExampleCounter, type ExampleCounts } from '../data-report.ts';
import { formOfRow, type ExampleForm } from '../example-form.ts';
import { labelExample } from '../label-example.ts';
import type { Labeller } from '../training-example.ts';

export interface Question {
  /** The conversation up to its last answer. */
  prompt: Prompt;
  /** That answer. */
  expected: string;
}

export interface ScoredTokens {
  ids: number[];
  /** As long as `ids`; -100 where no token is predicted. */
  labels: number[];
}

export interface EvaluationSet {
  questions: Question[];
  examples: ScoredTokens[];
  counts: ExampleCounts;
}

const UNLABELLED = -100;

/** Conversations of more than `length` tokens are left out, because their answers would be cut; longer texts become several examples. */
export function createEvaluationSet(
  rows: readonly { id: string; value: JsonObject }[],
  labeller: Labeller,
  length: number,
): EvaluationSet {
  const counter = createExampleCounter();
  const questions: Question[] = [];
  const examples: ScoredTokens[] = [];
  for (const { id, value } of rows) {
    counter.row();
    const drop = (reason: string) => counter.drop(reason, { source: 0, id });
    const form = formOfRow(value, 'last');
    if ('reason' in form) {
      drop(form.reason);
      continue;
    }
    const made = labelExample(form, labeller, { length });
    if ('reason' in made) {
      drop(made.reason);
      continue;
    }
    if (made.some(({ cut }) => cut > 0)) {
      drop(`it is longer than ${length} tokens`);
      continue;
    }
    for (const example of made) {
      counter.example(example);
      const { ids, loss } = example;
      examples.push({ ids: [...ids], labels: ids.map((token, at) => (loss[at] === 1 ? token : UNLABELLED)) });
    }
    const question = questionOf(form, labeller.hasChatTemplate);
    if (question) questions.push(question);
  }
  return { questions, examples, counts: counter.counts() };
}

function questionOf(form: ExampleForm, hasChatTemplate: boolean): Question | null {
  if (form.kind !== 'chat') return null;
  const { messages, tools, documents, learned, plain } = form;
  if (!hasChatTemplate) return plain && { prompt: { text: plain.prompt }, expected: plain.completion };
  const last = learned.lastIndexOf(true);
  const expected = messages[last]!.content;
  // Calls of tools and parts of other kinds are not text.
  if (last === 0 || typeof expected !== 'string') return null;
  return { prompt: { messages: messages.slice(0, last), tools, documents }, expected };
}
