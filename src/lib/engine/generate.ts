// One generate request as a stream of events: prompt in, tokens through the scheduler, text out.
// It knows text and stop strings; it does not know steps. When the device is lost under it, it goes on where it was: what it
// wrote so far joins the prompt on the rebuilt device, and as every draw depends on seed and position alone, the tokens are the same.

import { createEventQueue } from '#lib/core/event-queue.ts';
import { createStopMatcher } from '#lib/model/stop-matcher.ts';
import { GpuLostError } from '#lib/webgpu/errors.ts';
import { constraintOf } from './constraints.ts';
import type { FinishReason, GenerateEvent, GenerateRequest } from './engine.ts';
import { RequestError } from './errors.ts';
import { createGuesses } from './guesses.ts';
import { readInvokedPrompt } from './invoked-prompt.ts';
import { checkIds, checkMaxTokens, checkSampling, checkTopLogprobs, maySpeculate } from './requests.ts';
import type { Session } from './session.ts';

export interface GenerateContext {
  now(): number;
  /** The same model on a device made anew after the session's was lost. */
  after(lost: Session): Promise<Session>;
  signal?: AbortSignal | undefined;
}

/** Characters of a quotable text that are read. */
const QUOTABLE_LENGTH = 1 << 17;

export async function* generate(
  session: Session,
  request: GenerateRequest,
  { now, after, signal }: GenerateContext,
): AsyncGenerator<GenerateEvent> {
  const { text, architecture, sizes, info, rules } = session;
  const started = now();
  const { ids, text: promptText, notInvoked } = readInvokedPrompt(text, session.adapters, request);
  checkIds(ids, { vocab: architecture.vocab, contextLength: sizes.contextLength, model: info.name });
  checkMaxTokens(request.maxTokens);
  const { logprobs = false, topLogprobs = 0 } = request;
  checkTopLogprobs(topLogprobs, logprobs, architecture.vocab);
  const { noRepeatNgramSize, minNewTokens, ...sampling } = checkSampling(request.sampling, rules);
  rules.refuse(sampling.temperature > 0);
  const stopTexts = [...(request.stop ?? []), ...rules.stopStrings];
  if (stopTexts.length > 0 && !text.hasTokenizer)
    throw new RequestError(
      'Text that ends the answer is given, but the model has no tokenizer.json.',
      'Add that file, or leave out the texts (stop, and stop_strings of generation_config.json).',
    );
  const stream = text.decodeStream();
  const stops = createStopMatcher(stopTexts);
  const queue = createEventQueue<GenerateEvent>({ onReturn: () => cancel() });
  const shown: string[] = [];
  const generated: number[] = [];
  let cachedTokens = 0;
  let firstAt = 0;
  let lastAt = 0;
  let stoppedByText = false;
  let announced = false;
  let proposedTokens = 0;
  let acceptedTokens = 0;

  const show = (piece: string) => {
    const { text: safe, stopped } = stops.push(piece);
    shown.push(safe);
    return { safe, stopped };
  };
  const finish = (finishReason: FinishReason) => {
    if (!stoppedByText) {
      const rest = show(stream.end());
      const tail = rest.stopped ? rest.safe : rest.safe + hold(stops.end());
      if (tail !== '' && generated.length > 0) queue.push({ type: 'token', id: generated.at(-1)!, text: tail });
    }
    const timings = {
      promptTokens: ids.length,
      cachedTokens,
      newTokens: generated.length,
      firstTokenMs: (firstAt || now()) - started,
      decodeMs: lastAt - firstAt,
      proposedTokens,
      acceptedTokens,
    };
    queue.push({ type: 'done', finish: finishReason, ids: generated, text: shown.join(''), timings });
    queue.end();
  };
  const hold = (piece: string) => {
    shown.push(piece);
    return piece;
  };

  const maxTokens = Math.min(request.maxTokens, sizes.contextLength - ids.length + 1);
  const constraint = constraintOf(rules, { noRepeatNgramSize, minNewTokens }, ids.length, maxTokens);
  const speculates = request.speculate !== false && maxTokens > 1 && maySpeculate(sampling, constraint);
  const quotable = speculates && text.hasTokenizer ? (request.quotable ?? []) : [];
  const quotableIds = quotable.map((piece) => text.readPrompt({ text: piece.slice(0, QUOTABLE_LENGTH) }).ids);
  const guesses = speculates ? createGuesses(ids, quotableIds) : null;
  let cancelled = false;
  /** Ends what runs now; nothing runs while the model is loaded again. */
  let cancelRun: (() => void) | null = null;
  const cancel = () => {
    if (cancelled) return;
    cancelled = true;
    if (cancelRun) cancelRun();
    else finish('cancelled');
  };
  const run = (on: Session, onLost: (() => void) | null) => {
    cancelRun = on.scheduler.add({
      ids: [...ids, ...generated],
      promptTokens: ids.length,
      adapters: request.adapters ?? [],
      maxTokens: maxTokens - generated.length,
      sampling,
      constraint,
      reusePrefix: request.reusePrefix ?? true,
      keeps: request.keep ?? false,
      guesses,
      topCount: topLogprobs,
      onStart(cached) {
        if (announced) return;
        announced = true;
        cachedTokens = cached;
        const start = { type: 'start', promptTokens: ids.length, cachedTokens, prompt: promptText } as const;
        queue.push(notInvoked.length > 0 ? { ...start, notInvoked } : start);
      },
      onProposed(proposed, accepted) {
        proposedTokens += proposed;
        acceptedTokens += accepted;
      },
      onToken(id, logprob, top) {
        lastAt = now();
        firstAt ||= lastAt;
        if (text.stopIds.has(id)) return false;
        generated.push(id);
        const { safe, stopped } = show(stream.push(id));
        const likely = topLogprobs > 0 ? { top } : {};
        queue.push({ type: 'token', id, text: safe, ...(logprobs ? { logprob, ...likely } : {}) });
        stoppedByText = stopped;
        return !stopped;
      },
      onEnd: finish,
      onError(error) {
        if (!(error instanceof GpuLostError)) queue.fail(error);
        else if (cancelled) finish('cancelled');
        else if (onLost) onLost();
        else queue.fail(error);
      },
    });
  };
  const goOn = async () => {
    cancelRun = null;
    const rebuilt = await after(session);
    // A device lost a second time under one request will hardly hold a third time.
    if (!cancelled) run(rebuilt, null);
  };
  run(session, () => void goOn().catch((error: unknown) => queue.fail(error)));
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    yield* queue;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
