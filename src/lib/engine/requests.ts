// A request as the scheduler holds it, and the checks it passes before it is queued.

import { MAX_BLEND } from '#lib/webgpu/step-state.ts';
import type { Constraint } from '#lib/webgpu/kernels/constrain/constrain.ts';
import { MAX_TOP } from '#lib/webgpu/kernels/sample/sample-result.ts';
import { MAX_RANK_WIDTH } from '#lib/model/decoder/activations.ts';
import type { GenerationRules } from '#lib/model/generation-rules.ts';
import { replacesParts } from '#lib/model/decoder/adapter-patches.ts';
import type { AdapterClaim } from './adapter-claims.ts';
import type { ResidentAdapter } from './adapter-residency.ts';
import type { AdapterUse, SamplingSettings, TokenLogprob } from './engine.ts';
import { RequestError } from './errors.ts';
import type { Guesses } from './guesses.ts';
import type { BlockRoot } from './kv-blocks.ts';
import type { Phase } from './phases.ts';

/** What the sampler needs; the rest of the settings became a constraint. */
export type Sampling = Omit<Required<SamplingSettings>, 'noRepeatNgramSize' | 'minNewTokens'>;

export interface SequenceRequest {
  /** The prompt, and behind it what was generated before the sequence had to start again. */
  ids: readonly number[];
  /** How many of `ids` are the prompt. */
  promptTokens: number;
  adapters: readonly AdapterUse[];
  maxTokens: number;
  sampling: Sampling;
  /** Null where nothing but `sampling` decides. */
  constraint: Constraint | null;
  reusePrefix: boolean;
  /** Its beginning is looked for where earlier sessions kept theirs, and kept itself. */
  keeps: boolean;
  /** What it is expected to say; null where nothing may be proposed. Holds all of `ids`, and then every token sampled. */
  guesses: Guesses | null;
  /** How many of the most likely tokens come with each sampled one. */
  topCount: number;
  /** Returns false to end the sequence after this token. */
  onToken(id: number, logprob: number, top: TokenLogprob[]): boolean;
  onStart(cachedTokens: number): void;
  /** Of tokens proposed in one step, how many were right. */
  onProposed(proposed: number, accepted: number): void;
  onEnd(reason: 'stop' | 'length' | 'cancelled'): void;
  onError(error: unknown): void;
}

/** A queued or running sequence. */
export interface Sequence {
  request: SequenceRequest;
  /** `ids` and everything sampled since. */
  tokens: number[];
  cancelled: boolean;
  ended: boolean;
  /** Set while it runs. */
  running: Running | null;
}

export interface Running {
  slot: number;
  blocks: number[];
  /** Tokens whose keys and values are computed or on their way, if every proposed token on its way is right. */
  computed: number;
  /** Tokens sampled or on their way, likewise. */
  sampled: number;
  stepsInFlight: number;
  /** Holds its adapters on the GPU. */
  claim: AdapterClaim;
  phases: readonly Phase[];
  /** Of the rows launched last. */
  phase: Phase;
  isConstrained: boolean;
  /** Where the prompt's rotations begin; 0 where its length does not decide them. */
  anglesAt: number;
  /** What its cache blocks depend on besides tokens. */
  roots: readonly BlockRoot[];
}

export interface RequestLimits {
  vocab: number;
  contextLength: number;
  model: string;
}

/** With these a setting changes nothing. */
export const DEFAULTS: Required<SamplingSettings> = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  noRepeatNgramSize: 0,
  minNewTokens: 0,
  presencePenalty: 0,
  frequencyPenalty: 0,
  seed: 0,
};

const RANGES: Record<keyof SamplingSettings, [number, number]> = {
  temperature: [0, 100],
  topK: [0, 2 ** 31],
  topP: [0, 1],
  minP: [0, 1],
  repetitionPenalty: [0.01, 100],
  noRepeatNgramSize: [0, 2 ** 16],
  minNewTokens: [0, 2 ** 24],
  presencePenalty: [-100, 100],
  frequencyPenalty: [-100, 100],
  seed: [0, 2 ** 32 - 1],
};

const INTEGERS: ReadonlySet<string> = new Set(['topK', 'seed', 'noRepeatNgramSize', 'minNewTokens']);

/** What a request asks for; where it says nothing, what the model's files say. */
export function checkSampling(settings: SamplingSettings = {}, rules?: GenerationRules): Required<SamplingSettings> {
  const result = { ...DEFAULTS };
  if (rules) {
    const { repetitionPenalty, noRepeatNgramSize, minNewTokens, topK, topP, minP } = rules;
    Object.assign(result, { repetitionPenalty, noRepeatNgramSize, minNewTokens, topK, topP, minP });
  }
  for (const key of Object.keys(RANGES) as (keyof SamplingSettings)[]) {
    const value = settings[key];
    if (value === undefined) continue;
    const [low, high] = RANGES[key];
    const isWhole = INTEGERS.has(key);
    if (!Number.isFinite(value) || value < low || value > high || (isWhole && !Number.isInteger(value))) {
      throw new RequestError(
        `${key} is ${value}.`,
        `Give ${isWhole ? 'an integer' : 'a number'} from ${low} to ${high}.`,
      );
    }
    result[key] = value;
  }
  return result;
}

export function checkMaxTokens(count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw new RequestError(`maxTokens is ${count}.`, 'Give an integer of at least 1.');
}

export function checkTopLogprobs(count: number, asked: boolean, vocab: number): void {
  const most = Math.min(MAX_TOP, vocab);
  if (!Number.isInteger(count) || count < 0 || count > most) {
    throw new RequestError(`topLogprobs is ${count}.`, `Give an integer from 0 to ${most}.`);
  }
  if (count > 0 && !asked) throw new RequestError('topLogprobs is given without logprobs.', 'Ask for both.');
}

export function checkIds(ids: readonly number[], { vocab, contextLength, model }: RequestLimits): void {
  if (ids.length === 0) throw new RequestError('The prompt is empty.', 'Give at least one token.');
  const bad = ids.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= vocab);
  if (bad >= 0) {
    throw new RequestError(
      `Token id ${ids[bad]} at position ${bad} is outside the vocabulary of ${model}.`,
      `Ids go from 0 to ${vocab - 1}.`,
    );
  }
  if (ids.length > contextLength) {
    throw new RequestError(
      `The prompt has ${ids.length} tokens, the context holds ${contextLength}.`,
      'Shorten it, or load the model with a longer context.',
    );
  }
}

export function checkBlend(adapters: readonly AdapterUse[], resident: readonly ResidentAdapter[]): void {
  if (adapters.length > MAX_BLEND) {
    throw new RequestError(`The request blends ${adapters.length} adapters.`, `Blend at most ${MAX_BLEND}.`);
  }
  if (new Set(adapters.map(({ id }) => id)).size !== adapters.length) {
    throw new RequestError('The request names an adapter twice.', 'Name each adapter once, with its weight.');
  }
  const bad = adapters.find(({ weight }) => !Number.isFinite(weight) || Math.abs(weight) > 100);
  if (bad) throw new RequestError(`An adapter's weight is ${bad.weight}.`, 'Give a number from -100 to 100.');
  const width = resident.reduce((sum, { rankWidth }) => sum + rankWidth, 0);
  if (width > MAX_RANK_WIDTH) {
    throw new RequestError(`The blend has a total rank of ${width}.`, `Blend at most a rank of ${MAX_RANK_WIDTH}.`);
  }
  const own = resident.findIndex(({ head, tables }) => head || tables?.embedding);
  const patched = resident.findIndex(({ tables }) => tables?.patches && replacesParts(tables.patches));
  for (const [at, what] of [
    [own, 'output head or embedding'],
    [patched, 'norms or tokens'],
  ] as const) {
    if (at < 0 || (adapters.length === 1 && [0, 1].includes(adapters[at]!.weight))) continue;
    throw new RequestError(
      `An adapter that brings its own ${what} cannot be blended or scaled.`,
      'Use it alone, with weight 1.',
    );
  }
}

/**
 * Proposed tokens are run beside each other. A penalty or a constraint depends on all tokens before, which such rows do not see in the
 * counts and the history on the GPU.
 */
export const maySpeculate = (
  { repetitionPenalty, presencePenalty, frequencyPenalty }: Sampling,
  constraint: Constraint | null,
): boolean => constraint === null && repetitionPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0;
