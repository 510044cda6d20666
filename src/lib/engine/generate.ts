// One generate request as a stream of events: prompt in, tokens through the scheduler, text out.
// It knows text and stop strings; it does not know steps.

import { createStopMatcher } from '#lib/model/stop-matcher.ts';
import type { FinishReason, GenerateEvent, GenerateRequest } from './engine.ts';
import { RequestError } from './errors.ts';
import { createEventQueue } from './event-queue.ts';
import { checkIds, checkSampling } from './requests.ts';
import type { Session } from './session.ts';

export async function* generate(
  session: Session,
  request: GenerateRequest,
  now: () => number,
  signal?: AbortSignal,
): AsyncGenerator<GenerateEvent> {
  const { text, architecture, sizes, scheduler, info } = session;
  const started = now();
  const ids = text.encodePrompt(request.prompt);
  checkIds(ids, { vocab: architecture.vocab, contextLength: sizes.contextLength, model: info.name });
  if (!Number.isInteger(request.maxTokens) || request.maxTokens < 1) {
    throw new RequestError(`maxTokens is ${request.maxTokens}.`, 'Give an integer of at least 1.');
  }
  const stream = text.decodeStream();
  const stops = createStopMatcher(request.stop ?? []);
  const queue = createEventQueue<GenerateEvent>(() => cancel());
  const shown: string[] = [];
  const generated: number[] = [];
  let cachedTokens = 0;
  let firstAt = 0;
  let lastAt = 0;
  let stoppedByText = false;

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
    };
    queue.push({ type: 'done', finish: finishReason, ids: generated, text: shown.join(''), timings });
    queue.end();
  };
  const hold = (piece: string) => {
    shown.push(piece);
    return piece;
  };

  const cancel = scheduler.add({
    ids,
    adapters: request.adapters ?? [],
    maxTokens: Math.min(request.maxTokens, sizes.contextLength - ids.length + 1),
    sampling: checkSampling(request.sampling),
    reusePrefix: request.reusePrefix ?? true,
    onStart(cached) {
      cachedTokens = cached;
      queue.push({ type: 'start', promptTokens: ids.length, cachedTokens });
    },
    onToken(id, logprob) {
      lastAt = now();
      firstAt ||= lastAt;
      if (text.stopIds.has(id)) return false;
      generated.push(id);
      const { safe, stopped } = show(stream.push(id));
      queue.push({ type: 'token', id, text: safe, ...(request.logprobs ? { logprob } : {}) });
      stoppedByText = stopped;
      return !stopped;
    },
    onEnd: finish,
    onError: (error) => queue.fail(error),
  });
  const onAbort = () => cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    yield* queue;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
