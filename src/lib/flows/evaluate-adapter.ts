// Compares adapters and their base on rows that they were not trained on: greedy answers, losses, and losses on everyday text as a probe of
// what an adapter made the base forget.

import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { eventsDuring } from '#lib/core/events-during.ts';
import type { FolderRef } from '#lib/core/folder.ts';
import type { AdapterUse, Runtime } from '#lib/engine/engine.ts';
import type { TrainingHost } from '#lib/engine/training/training-host.ts';
import type { ExampleCounts } from '#lib/factory/data-report.ts';
import {
  createEvaluationSet,
  type EvaluationSet,
  type Question,
  type ScoredTokens,
} from '#lib/factory/evaluation/evaluation-set.ts';
import { fillPasses } from '#lib/factory/evaluation/fill-passes.ts';
import { answerFigures, type AnswerFigures } from '#lib/factory/metrics/answer-figures.ts';
import { lossChange, lossFigures, type LossFigures, type Scored } from '#lib/factory/metrics/loss-figures.ts';
import type { Figure } from '#lib/factory/metrics/ratio-figure.ts';
import type { Labeller } from '#lib/factory/training-example.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';

export interface EvaluateContext {
  engine: Pick<Runtime, 'generate'> & Pick<TrainingHost, 'openTraining' | 'scoreExamples' | 'closeTraining'>;
  /** Tokenizer and chat template of the model that the engine has loaded. */
  labeller: Labeller;
  /** Milliseconds on a monotonic clock. */
  now(): number;
}

export interface EvaluatedAdapter {
  name: string;
  /** Registered with the engine. */
  use: AdapterUse;
  /** Its PEFT folder. Losses are those of the whole adapter: a weight of `use` changes answers only. */
  folder: FolderRef;
}

export interface EvaluatedRow {
  id: string;
  value: JsonObject;
}

export interface EvaluateInput {
  adapters: readonly EvaluatedAdapter[];
  rows: readonly EvaluatedRow[];
  /** Everyday text whose loss shows what was forgotten, such as `NEUTRAL_ROWS`; none: it is not measured. */
  neutral: readonly EvaluatedRow[];
  /** Longest example in tokens: longer conversations are left out, longer texts are measured in pieces. */
  length: number;
  /** Longest answer in tokens. */
  maxTokens: number;
}

export interface Evaluated {
  /** Null: the base alone. */
  name: string | null;
  answers: AnswerFigures;
  /** By question, as the model gave them. */
  texts: string[];
  /** Null where losses cannot be measured; the reason is in `unscored`. */
  losses: LossFigures | null;
  neutral: {
    losses: LossFigures;
    /** Of the loss a token, against the base. Above 0: something was forgotten. Null: of the base itself. */
    change: Figure | null;
  } | null;
}

export interface Evaluation {
  /** The base first, then the adapters. */
  of: Evaluated[];
  questions: Question[];
  counts: ExampleCounts;
  /** Why there are no losses: a sentence. */
  unscored: string | null;
}

export interface EvaluateProgress {
  type: 'progress';
  stage: 'answers' | 'losses';
  done: number;
  of: number;
  perSecond: number;
  secondsLeft: number;
}

export type EvaluateEvent = EvaluateProgress | { type: 'done'; evaluation: Evaluation };

/** Requests that wait for the engine together. */
const AT_ONCE = 64;
const SEGMENTS = 32;
const LEAST_PASS = 512;

/**
 * Losses take the place of a training that is open. They are left out for models and adapters that the trainer does not support.
 *
 * @example
 * import { NEUTRAL_ROWS } from '#lib/factory/evaluation/neutral-rows.ts';
 * import { evaluateAdapter } from '#lib/flows/evaluate-adapter.ts';
 *
 * const folder = { kind: 'url', url: '/models/nano/adapters/finance' } as const;
 * const { id, name } = await engine.loadAdapter(folder);
 * const adapters = [{ name, folder, use: { id, weight: 1 } }];
 * const rows = [{ id: '1', value: { prompt: 'Two and two?', completion: 'Four.' } }];
 * const context = { engine, labeller, now: () => performance.now() };
 * const input = { adapters, rows, neutral: NEUTRAL_ROWS, length: 512, maxTokens: 64 };
 * for await (const event of evaluateAdapter(context, input, { signal })) {
 *   if (event.type === 'progress') show(`${event.stage}: ${event.done} of ${event.of}`);
 *   else for (const { name: of, answers } of event.evaluation.of) show(`${of ?? 'base'}: ${answers.exact?.value}`);
 * }
 */
export async function* evaluateAdapter(
  context: EvaluateContext,
  input: EvaluateInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<EvaluateEvent, void, void> {
  const { labeller } = context;
  const set = createEvaluationSet(input.rows, labeller, input.length);
  const neutral = createEvaluationSet(input.neutral, labeller, input.length);
  const texts = yield* answersTo(set.questions, context, input, signal);
  const scored = yield* lossesOf([set, neutral], context, input, signal);
  const of = texts.map((answers, i): Evaluated => {
    const [own, probe] = scored.of.map((scores) => scores[i]!);
    return {
      name: i === 0 ? null : input.adapters[i - 1]!.name,
      answers: answerFigures(set.questions.map(({ expected }, at) => ({ answer: answers[at]!, expected }))),
      texts: answers,
      losses: own ? lossFigures(own) : null,
      neutral: probe?.length
        ? { losses: lossFigures(probe), change: i === 0 ? null : lossChange(scored.of[1]![0]!, probe) }
        : null,
    };
  });
  yield { type: 'done', evaluation: { of, questions: set.questions, counts: set.counts, unscored: scored.unscored } };
}

/** By the base and each adapter, all in one queue, so that the engine computes many at once. */
async function* answersTo(
  questions: readonly Question[],
  { engine, now }: EvaluateContext,
  { adapters, maxTokens }: EvaluateInput,
  signal: AbortSignal,
): AsyncGenerator<EvaluateProgress, string[][], void> {
  const uses = [[], ...adapters.map(({ use }) => [use])];
  const texts = uses.map(() => questions.map(() => ''));
  const tasks = uses.flatMap((use, of) => questions.map(({ prompt }, at) => ({ prompt, use, of, at })));
  const progress = createProgress('answers', tasks.length, now);
  yield* eventsDuring(async (push: (event: EvaluateProgress) => void) => {
    let next = 0;
    // One failure ends the others.
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const isStopped = () => both.aborted;
    const worker = async () => {
      while (next < tasks.length && !isStopped()) {
        const { prompt, use, of, at } = tasks[next++]!;
        const request = { prompt, adapters: use, maxTokens, invoke: 'messages' in prompt };
        for await (const event of engine.generate(request, both))
          if (event.type === 'done') texts[of]![at] = event.text;
        if (!isStopped()) push(progress());
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, tasks.length) }, worker));
    } finally {
      stop.abort();
    }
  });
  stopIfAborted(signal);
  return texts;
}

interface Losses {
  /** By set, by the base and each adapter, by example; an inner list is missing where nothing was measured. */
  of: (readonly Scored[])[][];
  unscored: string | null;
}

async function* lossesOf(
  sets: readonly EvaluationSet[],
  { engine, now }: EvaluateContext,
  { adapters, length }: EvaluateInput,
  signal: AbortSignal,
): AsyncGenerator<EvaluateProgress, Losses, void> {
  const sizes = { rows: Math.max(length, LEAST_PASS), segments: SEGMENTS };
  const folders = adapters.map(({ folder }) => ({ folder }));
  try {
    // The base is scored beside an adapter, even where there is none to compare.
    await engine.openTraining({ adapters: folders.length > 0 ? folders : [UNUSED], ...sizes, length }, signal);
  } catch (error) {
    if (!(error instanceof PayableError) || !UNSCORED.includes(error.code)) throw error;
    return { of: [], unscored: error.message };
  }
  try {
    const subjects = [null, ...adapters.map((_, at) => at)];
    const passes = sets.map(({ examples }) => fillPasses<ScoredTokens>(examples, sizes));
    const progress = createProgress('losses', passes.flat().length * subjects.length, now);
    const of: Scored[][][] = [];
    for (const ofSet of passes) {
      const scores: Scored[][] = subjects.map(() => []);
      for (const pass of ofSet) {
        for (const [i, adapter] of subjects.entries()) {
          stopIfAborted(signal);
          scores[i]!.push(...(await engine.scoreExamples([pass.map((example) => ({ ...example, adapter }))])));
          yield progress();
        }
      }
      of.push(scores);
    }
    return { of, unscored: null };
  } finally {
    await engine.closeTraining();
  }
}

/** The trainer does not support the model or an adapter, or an adapter is not in the form that it reads. */
const UNSCORED = ['training/unsupported', 'training/request'];
const UNUSED = { fresh: { name: 'unused', kind: 'lora', rank: 4, alpha: 4, seed: 1 } } as const;

/** Each call counts one thing as done. */
function createProgress(stage: EvaluateProgress['stage'], of: number, now: () => number): () => EvaluateProgress {
  const started = now();
  let done = 0;
  return () => {
    done++;
    const perSecond = (1000 * done) / Math.max(1, now() - started);
    return { type: 'progress', stage, done, of, perSecond, secondsLeft: (of - done) / perSecond };
  };
}

function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new AbortedError(signal.reason);
}
