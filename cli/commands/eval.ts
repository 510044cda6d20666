// `payable eval`: how well a model and its adapters answer, over rows that are named, or over the questions that come with a model.

import type { Command } from '../command.ts';
import { SOURCE_HELP, SOURCE_OPTIONS } from '../data-sources.ts';
import { ENGINE_HELP, ENGINE_OPTIONS } from '../engine-options.ts';
import { evaluateFamily } from './eval-questions.ts';
import { evaluateRows } from './eval-rows.ts';

export const evaluate: Command = {
  summary: 'measure a model and its adapters on rows, or on the questions that come with them',
  help: `payable eval --model DIR [--adapter DIR …] --data FILE|VERSION [--limit N] [--json]
payable eval --model nano [--limit N] [--json]

With --data: the base and each adapter answer the last question of each row, greedily. A table has the share of exact answers, Rouge-1, 2
and L (F1, without stemming), the share of JSON where JSON is expected, the length of the answers against the expected ones, loss,
perplexity and accuracy over the tokens of the answers, and the loss on everyday text, which shows what an adapter made the base forget.
Behind each figure stands its 95 % interval, from resampled rows. An exact answer is the expected text, white space at its ends apart.
FILE is of any kind that "payable datanet import" reads; VERSION is a folder with version.car, or the id of a
published version. Take rows that no adapter was trained on.

Without --data, for every field of a model with index.json: its adapter on its own questions and on paraphrased ones, the base alone on
both, and every other adapter on the own questions. Answers are greedy and must equal the expected text.

${ENGINE_HELP}
  --data FILE|VERSION    rows with answers
${SOURCE_HELP}
  --limit N              only the first N rows, or the first N questions of each set
  --length N             leave out conversations of more tokens, and measure longer texts in pieces (default 1024)
  --max-tokens N         longest answer (default 256 with --data, else 48)
  --json                 print one JSON object instead of a table`,
  options: {
    ...ENGINE_OPTIONS,
    ...SOURCE_OPTIONS,
    data: { type: 'string' },
    limit: { type: 'string' },
    length: { type: 'string' },
    'max-tokens': { type: 'string' },
    json: { type: 'boolean' },
  },
  run: (values, context) =>
    values['data'] === undefined ? evaluateFamily(values, context) : evaluateRows(values, context),
};
