// Runtimes side by side on this device: the same model, the same prompts, one runtime after the other. Greedy answers show whether two
// compute the same.

import { PayableError } from '#lib/core/errors.ts';
import type { FolderRef } from '#lib/core/folder.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { GenerateTimings, LoadRequest, Runtime, RuntimeModel } from '#lib/engine/engine.ts';

/** Runtimes that read files. */
export type ComparedKind = 'webgpu' | 'reference' | 'wllama';

export interface CompareContext {
  start(kind: ComparedKind): { runtime: Pick<Runtime, 'load' | 'generate' | 'dispose'>; close(): void };
  now(): number;
}

export interface CompareInput {
  kinds: readonly ComparedKind[];
  model: FolderRef;
  /** How the own engine keeps weights; wllama keeps them as the file has them. */
  dtype: WeightDtype;
  /** About as many: prompts are text, since not every runtime reads token ids. */
  promptTokens: number;
  newTokens: number;
  /** Tokens in the context before the measured ones; the plain TypeScript kernels are too slow for any. */
  depths: readonly number[];
}

export interface CompareRow {
  kind: ComparedKind;
  model: RuntimeModel;
  loadMs: number;
  firstTokenMs: number;
  /** As the runtime counts them. */
  promptTokens: number;
  /** Tokens per second. */
  prefill: number;
  decode: number;
  /** Decode behind that many tokens, as the runtime counts them; null where the model's context is shorter. */
  atDepth: { depth: number; decode: number | null }[];
  text: string;
  /** How many letters of the answer are those of the first row; null for the first row itself. */
  agrees: number | null;
}

export type CompareEvent =
  | { type: 'measuring'; kind: ComparedKind; what: string }
  | { type: 'row'; row: CompareRow }
  | { type: 'refused'; kind: ComparedKind; error: PayableError };

/**
 * @example
 * import { compareRuntimes } from '#lib/flows/compare-runtimes.ts';
 *
 * const model = { kind: 'url', url: '/models/nano/base' } as const;
 * const sizes = { promptTokens: 32, newTokens: 8, depths: [128] };
 * for await (const event of compareRuntimes(compareContext, { kinds: ['webgpu', 'wllama'], model, dtype: 'f16', ...sizes }, { signal })) {
 *   if (event.type === 'row') show(`${event.row.kind}: ${event.row.decode} tokens per second`);
 * }
 */
export async function* compareRuntimes(
  context: CompareContext,
  input: CompareInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<CompareEvent, void, void> {
  let first: CompareRow | null = null;
  const texts: Texts = { tokensPerWord: null, starts: new Map() };
  for (const kind of input.kinds) {
    const { runtime, close } = context.start(kind);
    try {
      for await (const event of measure(runtime, kind, context, input, texts, signal)) {
        if (event.type !== 'row') yield event;
        else {
          const row: CompareRow = { ...event.row, agrees: first && commonStart(first.text, event.row.text) };
          first ??= row;
          yield { type: 'row', row };
        }
      }
    } catch (error) {
      if (!(error instanceof PayableError) || signal.aborted) throw error;
      yield { type: 'refused', kind, error };
    } finally {
      close();
    }
  }
}

/** Context that the longest depth and its answer need: a text may be some tokens longer than was wanted. */
const contextFor = ({ depths, promptTokens, newTokens }: CompareInput): number =>
  Math.ceil(1.25 * Math.max(promptTokens, ...depths)) + newTokens + 8 * SHORT;

async function* measure(
  runtime: ReturnType<CompareContext['start']>['runtime'],
  kind: ComparedKind,
  { now }: CompareContext,
  input: CompareInput,
  texts: Texts,
  signal: AbortSignal,
): AsyncGenerator<CompareEvent, void, void> {
  const { promptTokens, newTokens, depths, dtype } = input;
  yield { type: 'measuring', kind, what: 'loading' };
  const started = now();
  const request: LoadRequest = { model: input.model, dtype, contextLength: contextFor(input) };
  let model: RuntimeModel | null = null;
  for await (const event of runtime.load(request, signal)) if (event.type === 'ready') model = event.model;
  if (!model) return;
  const loadMs = now() - started;

  const answerTo = async (words: number, start: number): Promise<Answer> => {
    const request = { prompt: { text: textOf(words, start) }, maxTokens: newTokens, reusePrefix: false };
    for await (const event of runtime.generate(request, signal)) if (event.type === 'done') return event;
    throw new PayableError('flows/no-answer', `${kind} ended without an answer.`);
  };
  // The first runtime says how long words are, and which texts it does not end at once; the others read the same texts.
  const tokensPerWord = (texts.tokensPerWord ??= (await answerTo(SHORT, 0)).timings.promptTokens / SHORT);
  const run = async (tokens: number): Promise<Answer> => {
    const words = Math.max(1, Math.round(tokens / tokensPerWord));
    const known = texts.starts.get(tokens);
    if (known !== undefined) return answerTo(words, known);
    for (let start = 0; ; start++) {
      const answer = await answerTo(words, start);
      if (answer.timings.newTokens < newTokens && start + 1 < WORDS.length) continue;
      texts.starts.set(tokens, start);
      return answer;
    }
  };
  const rate = ({ timings }: Answer) =>
    timings.decodeMs > 0 ? (1000 * (timings.newTokens - 1)) / timings.decodeMs : 0;

  yield { type: 'measuring', kind, what: `a prompt of ${promptTokens} tokens` };
  // The first answer also compiles and warms up.
  await run(promptTokens);
  const answer = await run(promptTokens);
  const atDepth: CompareRow['atDepth'] = [];
  for (const depth of kind === 'reference' ? [] : depths) {
    yield { type: 'measuring', kind, what: `decode at depth ${depth}` };
    atDepth.push({ depth, decode: depth + newTokens <= model.contextLength ? rate(await run(depth)) : null });
  }
  const { firstTokenMs, promptTokens: read } = answer.timings;
  const speeds = {
    ...{ loadMs, firstTokenMs, promptTokens: read },
    ...{ prefill: (1000 * read) / firstTokenMs, decode: rate(answer) },
  };
  yield { type: 'row', row: { kind, model, ...speeds, atDepth, text: answer.text, agrees: null } };
}

interface Texts {
  /** Null until the first runtime read a text. */
  tokensPerWord: number | null;
  /** By the wanted number of tokens: the word that the text begins with. */
  starts: Map<number, number>;
}

interface Answer {
  text: string;
  timings: GenerateTimings;
}

/** Words of the text that says how long words are. */
const SHORT = 8;
const WORDS = ['the', 'river', 'runs', 'by', 'an', 'old', 'stone', 'house', 'and', 'over', 'one', 'green', 'hill'];

const textOf = (words: number, start: number): string =>
  Array.from({ length: words }, (_, at) => WORDS[(start + at + Math.floor(at / WORDS.length)) % WORDS.length]).join(
    ' ',
  );

function commonStart(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}
