// Runtimes side by side on this device: the same model, the same tokens, one runtime after the other. Greedy answers show whether two
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
  promptTokens: number;
  newTokens: number;
  /** Tokens in the context before the measured ones. */
  depths: readonly number[];
}

export interface CompareRow {
  kind: ComparedKind;
  model: RuntimeModel;
  loadMs: number;
  firstTokenMs: number;
  /** Tokens per second. */
  prefill: number;
  decode: number;
  /** Decode at each depth; null where the model's context is shorter. */
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
  for (const kind of input.kinds) {
    const { runtime, close } = context.start(kind);
    try {
      for await (const event of measure(runtime, kind, context, input, signal)) {
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

/** Context that the longest depth and its answer need, and room for a beginning token. */
const contextFor = ({ depths, promptTokens, newTokens }: CompareInput): number =>
  Math.max(promptTokens, ...depths) + newTokens + 8;

async function* measure(
  runtime: ReturnType<CompareContext['start']>['runtime'],
  kind: ComparedKind,
  { now }: CompareContext,
  input: CompareInput,
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
  const { vocab = 256, contextLength } = model;

  const run = async (count: number): Promise<{ text: string; timings: GenerateTimings }> => {
    const ids = Array.from({ length: count }, (_, at) => 3 + ((at * 7 + (at >> 3)) % Math.min(90, vocab - 3)));
    const asked = { prompt: { ids }, maxTokens: newTokens, reusePrefix: false };
    for await (const event of runtime.generate(asked, signal)) if (event.type === 'done') return event;
    throw new PayableError('flows/no-answer', `${kind} ended without an answer.`);
  };
  const rate = ({ timings }: Awaited<ReturnType<typeof run>>) =>
    timings.decodeMs > 0 ? (1000 * (timings.newTokens - 1)) / timings.decodeMs : 0;

  yield { type: 'measuring', kind, what: `a prompt of ${promptTokens} tokens` };
  // The first answer also compiles and warms up.
  await run(promptTokens);
  const answer = await run(promptTokens);
  const atDepth: CompareRow['atDepth'] = [];
  for (const depth of depths) {
    yield { type: 'measuring', kind, what: `decode at depth ${depth}` };
    atDepth.push({ depth, decode: depth + newTokens <= contextLength ? rate(await run(depth)) : null });
  }
  const { firstTokenMs } = answer.timings;
  const speeds = { loadMs, firstTokenMs, prefill: (1000 * promptTokens) / firstTokenMs, decode: rate(answer) };
  yield { type: 'row', row: { kind, model, ...speeds, atDepth, text: answer.text, agrees: null } };
}

function commonStart(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}
