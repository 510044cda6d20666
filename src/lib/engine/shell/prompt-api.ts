// The model that a browser brings itself, by the Prompt API: https://github.com/webmachinelearning/prompt-api. The browser decides
// which model, where it runs and how it draws; there are no adapters.

import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { createEventQueue } from '#lib/core/event-queue.ts';
import type { Prompt } from '#lib/model/chat-message.ts';
import { answerStream, type AnswerPiece } from '../answer-stream.ts';
import type { GenerateRequest, LoadEvent, Runtime, RuntimeModel, SamplingSettings } from '../engine.ts';
import { NoModelError, RequestError, RuntimeFailedError } from '../errors.ts';
import { plainMessages, textPrompt, type PlainMessage } from '../plain-messages.ts';
import { checkPlainRequest } from '../plain-request.ts';
import type { BuiltInRequest } from '../runtimes.ts';
import { BrowserLacksError } from './errors.ts';

/** The parts of the API that are used here. */
export interface LanguageModelApi {
  availability(): Promise<'unavailable' | 'downloadable' | 'downloading' | 'available'>;
  create(options: CreateOptions): Promise<LanguageModelSession>;
}

interface CreateOptions {
  initialPrompts?: PlainMessage[];
  signal?: AbortSignal;
  monitor?(monitor: EventTarget): void;
}

export interface LanguageModelSession {
  promptStreaming(input: string | PlainMessage[], options: { signal: AbortSignal }): ReadableStream<string>;
  /** Named so in the current draft; `inputQuota` before. */
  readonly contextWindow?: number;
  readonly inputQuota?: number;
  readonly contextUsage?: number;
  readonly inputUsage?: number;
  destroy(): void;
}

export interface PromptApiHost {
  /** The global of that name, where the browser has it. */
  model: LanguageModelApi | undefined;
  now(): number;
}

/** The page says that the browser draws as it likes: these are accepted and have no effect. */
const LEFT_TO_THE_BROWSER: readonly (keyof SamplingSettings)[] = ['temperature', 'seed'];

export function createPromptApiRuntime({ model, now }: PromptApiHost): Runtime<BuiltInRequest> {
  let session: LanguageModelSession | null = null;
  const end = () => {
    session?.destroy();
    session = null;
  };

  async function open(progress: (share: number) => void, signal: AbortSignal): Promise<RuntimeModel> {
    end();
    if (!model) throw new BrowserLacksError("the browser's own model", 'the Prompt API');
    if ((await model.availability()) === 'unavailable')
      throw new BrowserLacksError("the browser's own model", 'a model that fits this device');
    session = await model.create({
      signal,
      monitor: (monitor) =>
        monitor.addEventListener('downloadprogress', (event) => progress((event as ProgressEvent).loaded)),
    });
    return {
      name: "The browser's own model",
      contextLength: session.contextWindow ?? session.inputQuota ?? 0,
      device: { kind: 'browser', vendor: '', architecture: '', description: '', features: [] },
      hasChatTemplate: true,
    };
  }

  async function* pieces(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<AnswerPiece> {
    const { before, question } = asConversation(request.prompt);
    // A session of its own for each answer: what one conversation says is no part of another.
    const own = await model!.create({ initialPrompts: before, signal });
    const used = () => own.contextUsage ?? own.inputUsage ?? 0;
    try {
      const reader = own.promptStreaming([question], { signal }).getReader();
      const promptTokens = used();
      for (let newTokens = 1; ; newTokens++) {
        const { done, value } = await reader.read();
        const figures = { promptTokens: promptTokens || 1, cachedTokens: 0 };
        if (done) {
          yield { ...figures, text: '', newTokens: newTokens - 1, finish: 'stop' };
          return;
        }
        // The API has no limit of its own; a piece is a token or a few.
        const isLast = newTokens >= request.maxTokens;
        yield { ...figures, text: value, newTokens, ...(isLast && { finish: 'length' as const }) };
        if (isLast) return;
      }
    } finally {
      own.destroy();
    }
  }

  return {
    async *load(_, signal): AsyncGenerator<LoadEvent<RuntimeModel>> {
      const stop = new AbortController();
      const onAbort = () => stop.abort();
      if (signal?.aborted) throw new AbortedError(signal.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      const queue = createEventQueue<LoadEvent<RuntimeModel>>({ onReturn: () => stop.abort() });
      const progress = (share: number) =>
        queue.push({ type: 'progress', phase: 'reading', loadedBytes: Math.round(100 * share), totalBytes: 100 });
      open(progress, stop.signal).then(
        (opened) => {
          queue.push({ type: 'ready', model: opened });
          queue.end();
        },
        (error: unknown) => queue.fail(stop.signal.aborted ? new AbortedError(error) : failed(error)),
      );
      try {
        yield* queue;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    async *generate(request, signal) {
      if (!session) throw new NoModelError();
      checkPlainRequest(request, 'prompt-api', LEFT_TO_THE_BROWSER);
      asConversation(request.prompt);
      try {
        yield* answerStream({
          pieces: (ending) => pieces(request, ending),
          prompt: null,
          stop: request.stop ?? [],
          now,
          signal,
        });
      } catch (error) {
        throw failed(error);
      }
    },
    async dispose() {
      end();
    },
  };
}

function failed(error: unknown): PayableError {
  if (error instanceof PayableError) return error;
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return error instanceof Error && error.name === 'QuotaExceededError'
    ? new RequestError(
        'The conversation is longer than the context of the browser’s model.',
        'Begin a new conversation.',
      )
    : new RuntimeFailedError("the browser's own model", reason, error);
}

/** Text is a question on its own. The last message is what is asked. */
function asConversation(given: Prompt): { before: PlainMessage[]; question: PlainMessage } {
  const prompt = textPrompt(given, "the browser's own model");
  if ('text' in prompt) return { before: [], question: { role: 'user', content: prompt.text } };
  const messages = plainMessages(prompt, "the browser's own model");
  return { before: messages.slice(0, -1), question: messages.at(-1)! };
}
