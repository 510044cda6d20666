// An answer from a runtime that streams pieces of text, as the events of `generate`: texts that end it, stopping, figures. The
// runtimes of others share it. It knows no runtime.

import { createStopMatcher } from '#lib/model/stop-matcher.ts';
import type { FinishReason, GenerateEvent } from './engine.ts';

/** A piece of the answer, with the figures up to it. */
export interface AnswerPiece {
  text: string;
  promptTokens: number;
  cachedTokens: number;
  newTokens: number;
  /** Set on the last piece. */
  finish?: 'stop' | 'length';
}

export interface AnswerOptions {
  /** Runs the request; the signal ends it within one token. */
  pieces(signal: AbortSignal): AsyncIterable<AnswerPiece>;
  /** The text that the model reads, where it is known. */
  prompt: string | null;
  stop: readonly string[];
  now(): number;
  signal?: AbortSignal | undefined;
}

export async function* answerStream(options: AnswerOptions): AsyncGenerator<GenerateEvent<number | null>> {
  const { now, prompt, signal } = options;
  const started = now();
  const stops = createStopMatcher(options.stop);
  const run = new AbortController();
  const isOver = () => run.signal.aborted;
  const onAbort = () => run.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) run.abort();
  /** The newest piece, once there is one. */
  const seen: AnswerPiece[] = [];
  let firstAt = 0;
  let lastAt = 0;
  let text = '';
  let finish: FinishReason = 'stop';
  try {
    if (!isOver()) {
      for await (const piece of options.pieces(run.signal)) {
        if (seen.length === 0) {
          const { promptTokens, cachedTokens } = piece;
          yield { type: 'start', promptTokens, cachedTokens, prompt };
        }
        seen[0] = piece;
        const shown = stops.push(piece.text);
        if (piece.text !== '') {
          lastAt = now();
          firstAt ||= lastAt;
          text += shown.text;
          yield { type: 'token', id: null, text: shown.text };
        }
        finish = piece.finish ?? 'stop';
        if (shown.stopped || isOver()) break;
      }
    }
  } catch (error) {
    // A runtime may end a stopped request with an error of its own.
    if (!isOver()) throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    run.abort();
  }
  if (signal?.aborted) finish = 'cancelled';
  const rest = stops.end();
  if (rest !== '') {
    text += rest;
    yield { type: 'token', id: null, text: rest };
  }
  const { promptTokens = 0, cachedTokens = 0, newTokens = 0 } = seen[0] ?? {};
  const timings = {
    promptTokens,
    cachedTokens,
    newTokens,
    firstTokenMs: (firstAt || now()) - started,
    decodeMs: lastAt - firstAt,
    proposedTokens: 0,
    acceptedTokens: 0,
  };
  yield { type: 'done', finish, ids: [], text, timings };
}
