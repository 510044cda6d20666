// The figures of an evaluation in the order of its table: what each is called, how it is written, and which direction is better.

import type { AnswerFigures } from '#lib/factory/metrics/answer-figures.ts';
import type { LossFigures } from '#lib/factory/metrics/loss-figures.ts';
import type { Figure } from '#lib/factory/metrics/ratio-figure.ts';

/** Of a base, whose name is null, or of an adapter. */
export interface Measured {
  name: string | null;
  answers: AnswerFigures;
  losses: LossFigures | null;
  neutral: { losses: LossFigures; change: Figure | null } | null;
}

export interface EvaluationRow {
  name: string;
  better: 'lower' | 'higher';
  format: (value: number) => string;
  /** By base and adapter; null where it was not measured. */
  figures: (Figure | null)[];
}

const share = (value: number) => `${(100 * value).toFixed(1)} %`;
const plain = (value: number) => value.toFixed(3);
/** A change that rounds to nothing has no sign. */
const signed = (value: number) => (Math.abs(value) < 0.0005 ? plain(0) : `${value > 0 ? '+' : ''}${plain(value)}`);

type Of = (one: Measured) => Figure | null | undefined;
const ALL: [name: string, better: EvaluationRow['better'], format: (value: number) => string, of: Of][] = [
  ['Loss', 'lower', plain, ({ losses }) => losses?.loss],
  ['Perplexity', 'lower', plain, ({ losses }) => losses?.perplexity],
  ['Right tokens', 'higher', share, ({ losses }) => losses?.accuracy],
  ['Exact answers', 'higher', share, ({ answers }) => answers.exact],
  ['Rouge-1', 'higher', share, ({ answers }) => answers.rouge1],
  ['Rouge-2', 'higher', share, ({ answers }) => answers.rouge2],
  ['Rouge-L', 'higher', share, ({ answers }) => answers.rougeL],
  ['Valid JSON', 'higher', share, ({ answers }) => answers.json],
  ['Loss on everyday text', 'lower', plain, ({ neutral }) => neutral?.losses.loss],
  ['Its change: forgetting', 'lower', signed, ({ neutral }) => neutral?.change],
];

/** Without figures that apply to no row, such as valid JSON where no answer is JSON. */
export const evaluationRows = (of: readonly Measured[]): EvaluationRow[] =>
  ALL.map(([name, better, format, figureOf]) => ({
    ...{ name, better, format },
    figures: of.map((one) => figureOf(one) ?? null),
  })).filter(({ figures }) => figures.some((figure) => figure !== null));
