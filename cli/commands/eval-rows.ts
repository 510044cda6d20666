// `payable eval --data`: a base and its adapters on rows, in one table with intervals.

import type { JsonObject } from '#lib/formats/json/json-file.ts';
import {
  evaluateAdapter,
  type EvaluateProgress,
  type Evaluated,
  type Evaluation,
} from '#lib/flows/evaluate-adapter.ts';
import { NEUTRAL_ROWS } from '#lib/factory/evaluation/neutral-rows.ts';
import type { RowSource } from '#lib/factory/training-row.ts';
import type { Figure } from '#lib/factory/metrics/ratio-figure.ts';
import { openModelFolder } from '#lib/model/sources/open-model.ts';
import { loadText } from '#lib/model/text.ts';
import { formatDuration } from '#lib/ui/format-figures.ts';
import { createNodeDigester } from '#node/digester.ts';
import { openNodeFolder } from '#node/open-folder.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { withDataSources } from '../data-sources.ts';
import { chooseEngine, deviceName, openEngine } from '../engine-options.ts';
import * as option from '../option-values.ts';

const LENGTH = 1024;
const LONGEST_ANSWER = 256;
const MOST_ROWS = 100_000;

export async function evaluateRows(values: OptionValues, { signal, write }: CommandContext): Promise<void> {
  const data = option.required(values, 'data', 'a file with rows, or a folder with a version');
  const limit = option.whole(values, 'limit', 1, MOST_ROWS) ?? MOST_ROWS;
  const length = option.whole(values, 'length', 16, 16_384) ?? LENGTH;
  const maxTokens = option.whole(values, 'max-tokens', 1, 4096) ?? LONGEST_ANSWER;
  const choice = chooseEngine(values);
  const sources = { values, digester: await createNodeDigester(), signal };
  const rows = await withDataSources([data], sources, ([source]) => firstRows(source!, limit, signal));
  const { engine, model, uses } = await openEngine(choice, signal);
  const progress = createProgress();
  try {
    const folder = await openModelFolder(openNodeFolder(modelPath(choice)));
    const labeller = await loadText(folder, model.vocab, () => new Date());
    const adapters = choice.adapters.map(({ path }, i) => ({
      name: path,
      folder: { kind: 'directory' as const, path },
      use: uses[i]!,
    }));
    const input = { adapters, rows, neutral: NEUTRAL_ROWS, length, maxTokens };
    const context = { engine, labeller, now: () => performance.now() };
    for await (const event of evaluateAdapter(context, input, { signal })) {
      if (event.type === 'progress') {
        progress.show(event);
        continue;
      }
      progress.clear();
      const { evaluation } = event;
      const measured = { model: model.name, dtype: model.dtype, device: deviceName(model) };
      if (option.flag(values, 'json')) write(`${JSON.stringify({ ...measured, ...asJson(evaluation) })}\n`);
      else write(`${table(evaluation)}\n`);
    }
  } finally {
    progress.clear();
    await engine.dispose();
  }
}

function modelPath({ request: { model } }: ReturnType<typeof chooseEngine>): string {
  if (model.kind !== 'directory') throw new TypeError(`a model of kind ${model.kind}`);
  return model.path;
}

async function firstRows(source: RowSource, limit: number, signal: AbortSignal) {
  const first: { id: string; value: JsonObject }[] = [];
  for await (const rows of source.rows(signal)) {
    first.push(...rows.slice(0, limit - first.length));
    if (first.length >= limit) break;
  }
  return first;
}

/** With the answers of each row, so that they can be read side by side. */
const asJson = ({ of, questions, counts, unscored }: Evaluation) => ({
  counts,
  unscored,
  of: of.map(({ texts: _texts, ...figures }) => figures),
  questions: questions.map(({ expected }, at) => ({ expected, answers: of.map(({ texts }) => texts[at]) })),
});

const share = (value: number): string => (100 * value).toFixed(1);
const plain = (value: number): string => value.toFixed(3);

const FIGURES: [title: string, of: (one: Evaluated) => Figure | null | undefined, format: (value: number) => string][] =
  [
    ['exact answers, %', ({ answers }) => answers.exact, share],
    ['Rouge-1 F1, %', ({ answers }) => answers.rouge1, share],
    ['Rouge-2 F1, %', ({ answers }) => answers.rouge2, share],
    ['Rouge-L F1, %', ({ answers }) => answers.rougeL, share],
    ['valid JSON, %', ({ answers }) => answers.json, share],
    ['length of answers', ({ answers }) => answers.length, plain],
    ['loss', ({ losses }) => losses?.loss, plain],
    ['perplexity', ({ losses }) => losses?.perplexity, plain],
    ['likeliest tokens, %', ({ losses }) => losses?.accuracy, share],
    ['loss on everyday text', ({ neutral }) => neutral?.losses.loss, plain],
    ['its change', ({ neutral }) => neutral?.change, plain],
  ];

function table({ of, counts, questions, unscored }: Evaluation): string {
  const head = ['', ...of.map(({ name }) => name ?? 'base')];
  const rows = FIGURES.map(([title, figureOf, format]) => {
    const cells = of.map((one) => {
      const figure = figureOf(one);
      return figure ? `${format(figure.value)} (${format(figure.low)} to ${format(figure.high)})` : '-';
    });
    return [title, ...cells];
  });
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  const dropped = counts.dropped.map(({ reason, count }) => `${count} rows are left out: ${reason}.`);
  return [
    ...[head, ...rows].map(line),
    `${questions.length} questions, ${counts.examples} examples of ${counts.lossTokens} tokens with loss; 95 % intervals.`,
    ...dropped,
    ...(unscored === null ? [] : [`No losses: ${unscored}`]),
  ].join('\n');
}

/** One line of a terminal that is written over. Where stderr is no terminal it shows nothing. */
function createProgress() {
  let isShown = false;
  const replace = (text: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  };
  return {
    show({ stage, done, of, perSecond, secondsLeft }: EvaluateProgress) {
      replace(`${stage}: ${done} of ${of}, ${perSecond.toFixed(1)}/s, ${formatDuration(secondsLeft * 1000)} left`);
      isShown = true;
    },
    clear() {
      if (isShown) replace('');
      isShown = false;
    },
  };
}
