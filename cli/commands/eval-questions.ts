// `payable eval` without --data: exact-match tables of a model with adapters, over the questions that come with it.
// Greedy answers, many requests at once; every figure is a count of questions.

import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import type { AdapterUse, Engine } from '#lib/engine/engine.ts';
import { isExactMatch } from '#lib/factory/metrics/exact-match.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { chooseEngine, deviceName, openEngine } from '../engine-options.ts';
import { FileError } from '#node/errors.ts';
import {
  familyAdapters,
  familyPath,
  findFamily,
  readJsonLines,
  requireDirectory,
  type ModelFamily,
} from '../input-files.ts';
import * as option from '../option-values.ts';

interface Question {
  question: string;
  answer: string;
}

interface Field {
  id: string;
  adapter: string;
  /** The rows that the adapter was trained on. */
  own: Question[];
  /** The same facts in other wording, absent from training. */
  held: Question[];
}

/** Number of answers equal to the expected text. */
interface Score {
  right: number;
  of: number;
}

interface FieldScores {
  own: Score;
  held: Score;
  baseOwn: Score;
  baseHeld: Score;
  /** The questions of this adapter, answered by every other adapter. */
  others: Record<string, Score>;
}

const AT_ONCE = 64;
const LONGEST_ANSWER = 48;

/** Asks the base, each adapter about its own rows, and each other adapter about them. */
export async function evaluateFamily(values: OptionValues, { signal, write }: CommandContext): Promise<void> {
  const family = findFamily(option.required(values, 'model', 'a directory with index.json, or "nano"'));
  const limit = option.whole(values, 'limit', 1, 1e9) ?? Infinity;
  const maxTokens = option.whole(values, 'max-tokens', 1, 4096) ?? LONGEST_ANSWER;
  const fields = readFields(family, limit);
  const choice = chooseEngine({ ...values, adapter: undefined });
  choice.request.model = {
    kind: 'directory',
    path: requireDirectory(familyPath(family, family.index['base'], 'base'), 'the base model'),
  };
  const { engine, model } = await openEngine(choice, signal);
  try {
    const began = performance.now();
    const scores = await measure(engine, fields, maxTokens, signal);
    const seconds = (performance.now() - began) / 1000;
    const { tokens } = await engine.stats();
    if (option.flag(values, 'json')) {
      const round = (n: number) => Math.round(n * 100) / 100;
      write(
        `${JSON.stringify({ model: model.name, dtype: model.dtype, device: deviceName(model), fields: scores, seconds: round(seconds), tokens: tokens.generated, tokensPerSecond: round(tokens.generated / seconds) })}\n`,
      );
    } else {
      write(
        `${table(scores)}\n${tokens.generated} tokens in ${seconds.toFixed(1)} s on ${deviceName(model)}, ${model.dtype}\n`,
      );
    }
  } finally {
    await engine.dispose();
  }
}

async function measure(
  engine: Engine,
  fields: Field[],
  maxTokens: number,
  signal: AbortSignal,
): Promise<Record<string, FieldScores>> {
  const uses = new Map<string, AdapterUse[]>();
  for (const { id, adapter } of fields) {
    uses.set(id, [{ id: (await engine.loadAdapter({ kind: 'directory', path: adapter })).id, weight: 1 }]);
  }
  const ask = async ({ question, answer }: Question, adapters: AdapterUse[]): Promise<boolean> => {
    const prompt = { messages: [{ role: 'user' as const, content: question }] };
    let said = '';
    for await (const event of engine.generate({ prompt, adapters, maxTokens, invoke: true }, signal))
      if (event.type === 'done') said = event.text;
    signal.throwIfAborted();
    return isExactMatch(said, answer);
  };
  const score = async (questions: Question[], adapters: AdapterUse[]): Promise<Score> => {
    let next = 0;
    let right = 0;
    const worker = async () => {
      while (next < questions.length) if (await ask(questions[next++]!, adapters)) right++;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return { right, of: questions.length };
  };
  const scores: Record<string, FieldScores> = {};
  for (const { id, own, held } of fields) {
    const others: Record<string, Score> = {};
    for (const other of fields) if (other.id !== id) others[other.id] = await score(own, uses.get(other.id)!);
    scores[id] = {
      own: await score(own, uses.get(id)!),
      held: await score(held, uses.get(id)!),
      baseOwn: await score(own, []),
      baseHeld: await score(held, []),
      others,
    };
  }
  return scores;
}

function readFields(family: ModelFamily, limit: number): Field[] {
  return familyAdapters(family).map((entry, i) => {
    const at = `adapters[${i}]`;
    const path = (field: string) => familyPath(family, entry[field], `${at}.${field}`);
    const { id } = entry;
    if (typeof id !== 'string')
      throw new FileError(join(family.root, 'index.json'), `field "${at}.id" is missing`, 'Fetch the model again.');
    return {
      id,
      adapter: requireDirectory(path('path'), 'the adapter'),
      own: readJsonLines(path('datanet'))
        .slice(0, limit)
        .map(({ line, value }) => rowQuestion(value, `${path('datanet')} line ${line}`)),
      held: readJsonLines(path('eval'))
        .slice(0, limit)
        .map(({ line, value }) => heldQuestion(value, `${path('eval')} line ${line}`)),
    };
  });
}

/** A datanet row: the user's message and the assistant's. */
function rowQuestion(row: JsonObject, where: string): Question {
  const messages = Array.isArray(row['messages']) ? (row['messages'] as unknown[]).filter(isJsonObject) : [];
  const said = (role: string) => messages.find((message) => message['role'] === role)?.['content'];
  return checked(said('user'), said('assistant'), where);
}

const heldQuestion = (entry: JsonObject, where: string): Question => checked(entry['question'], entry['answer'], where);

function checked(question: unknown, answer: unknown, where: string): Question {
  if (typeof question === 'string' && typeof answer === 'string') return { question, answer };
  throw new FileError(where, 'there is no question with an answer', 'Fetch the model again.');
}

function table(scores: Record<string, FieldScores>): string {
  const percent = ({ right, of }: Score) => (of === 0 ? '-' : ((100 * right) / of).toFixed(1));
  const rows = Object.entries(scores).map(([field, { own, held, baseOwn, baseHeld, others }]) => {
    const worst = Object.values(others).sort((a, b) => b.right / b.of - a.right / a.of)[0];
    return [field, percent(own), percent(held), percent(baseOwn), percent(baseHeld), worst ? percent(worst) : '-'];
  });
  const head = ['field', 'own', 'paraphrased', 'base own', 'base paraphr.', 'best other'];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows]
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
    .join('\n');
}
