// web-llm: models that others compiled for WebGPU, without adapters. Its files are checked before it sees them (`prebuilt-files.ts`).

import { MLCEngine, type ChatCompletionChunk, type Completion } from '@mlc-ai/web-llm';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { createEventQueue } from '#lib/core/event-queue.ts';
import type { TransferHost } from '#lib/files/transfer-host.ts';
import type { Prompt } from '#lib/model/chat-message.ts';
import { answerStream, type AnswerPiece } from '../answer-stream.ts';
import type { GenerateRequest, LoadEvent, Runtime, RuntimeModel, SamplingSettings } from '../engine.ts';
import { NoModelError, RequestError, RuntimeFailedError } from '../errors.ts';
import { plainMessages, textPrompt, type PlainMessage } from '../plain-messages.ts';
import { checkPlainRequest } from '../plain-request.ts';
import type { PrebuiltRequest } from '../prebuilt-model.ts';
import { isPrebuiltKept, keepPrebuilt, prebuiltLibrary, prebuiltRoot, readPrebuiltConfig } from './prebuilt-files.ts';
import { prebuiltLibrarySource, prebuiltWeights } from './prebuilt-source.ts';

/** Its repetition penalty reads the answer only, ours the prompt too; top-k and min-p it does not have. */
const HONOURED: readonly (keyof SamplingSettings)[] = [
  'temperature',
  'topP',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
];
const DEFAULT_CONTEXT = 4096;

export function createWebLlmRuntime(host: TransferHost): Runtime<PrebuiltRequest> {
  let opened: { engine: MLCEngine; model: RuntimeModel } | null = null;
  const end = async () => {
    const { engine } = opened ?? {};
    opened = null;
    await engine?.unload();
  };

  async function open(
    { model, contextLength }: PrebuiltRequest,
    push: (event: LoadEvent<RuntimeModel>) => void,
    signal: AbortSignal,
  ): Promise<RuntimeModel> {
    await end();
    const { id } = model;
    const progress = (phase: 'reading' | 'weights' | 'compiling', loadedBytes: number, totalBytes: number) =>
      push({ type: 'progress', phase, loadedBytes, totalBytes });
    if (!(await isPrebuiltKept(id))) {
      const weights = await prebuiltWeights(model, host, signal);
      const reading = (loaded: number, total: number) => progress('reading', loaded, total);
      await keepPrebuilt(id, weights, prebuiltLibrarySource(model, host), reading, signal);
    }
    const config = await readPrebuiltConfig(id);
    const context = contextOf(config, contextLength);
    const engine = new MLCEngine({
      logLevel: 'WARN',
      appConfig: {
        model_list: [
          {
            model_id: id,
            model: prebuiltRoot(id),
            model_lib: prebuiltLibrary(id),
            required_features: [...model.features],
            // The settings of a request decide, not those that came with the model.
            overrides: { context_window_size: context, ...NEUTRAL },
          },
        ],
      },
      initProgressCallback: ({ progress: share, text }) =>
        progress(/shader/i.test(text) ? 'compiling' : 'weights', Math.round(100 * share), 100),
    });
    const stopped = () => void engine.unload();
    signal.addEventListener('abort', stopped, { once: true });
    try {
      await engine.reload(id);
      // web-llm ends a stopped load without an error.
      if (signal.aborted) throw new AbortedError(signal.reason);
    } catch (error) {
      await engine.unload();
      throw error;
    } finally {
      signal.removeEventListener('abort', stopped);
    }
    const vocab = config['vocab_size'];
    const found: RuntimeModel = {
      name: id,
      contextLength: context,
      ...(typeof vocab === 'number' && { vocab }),
      ...(typeof config['model_type'] === 'string' && { family: config['model_type'] }),
      ...(typeof config['quantization'] === 'string' && { dtype: config['quantization'] }),
      device: { kind: 'webgpu', vendor: await engine.getGPUVendor(), architecture: '', description: '', features: [] },
      hasChatTemplate: true,
    };
    opened = { engine, model: found };
    return found;
  }

  async function* pieces(
    engine: MLCEngine,
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<AnswerPiece> {
    const { maxTokens, reusePrefix = true } = request;
    const { temperature, topP, presencePenalty, frequencyPenalty, seed } = checkPlainRequest(
      request,
      'web-llm',
      HONOURED,
    );
    if (!reusePrefix) await engine.resetChat();
    const options = {
      ...{ stream: true as const, stream_options: { include_usage: true }, max_tokens: maxTokens },
      ...{ temperature, top_p: topP, presence_penalty: presencePenalty, frequency_penalty: frequencyPenalty, seed },
    };
    const said = asRequest(request.prompt);
    const chunks: AsyncIterable<ChatCompletionChunk | Completion> =
      'prompt' in said
        ? await engine.completions.create({ ...said, ...options })
        : await engine.chat.completions.create({ ...said, ...options });
    const stop = () => void engine.interruptGenerate();
    signal.addEventListener('abort', stop, { once: true });
    let figures = { promptTokens: 0, cachedTokens: 0, newTokens: 0 };
    const iterator = chunks[Symbol.asyncIterator]();
    let finish: 'stop' | 'length' = 'stop';
    try {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        const { choices, usage } = next.value;
        const [choice] = choices;
        const text = choice && 'delta' in choice ? (choice.delta.content ?? '') : (choice?.text ?? '');
        if (choice?.finish_reason === 'length') finish = 'length';
        if (text !== '') figures = { ...figures, newTokens: figures.newTokens + 1 };
        if (usage) {
          figures = { ...figures, promptTokens: usage.prompt_tokens };
          yield { ...figures, text, finish };
        } else yield { ...figures, text };
      }
    } finally {
      signal.removeEventListener('abort', stop);
      // web-llm frees its lock at the end of the stream only, so a stream that is left is stopped and read to its end.
      await engine.interruptGenerate();
      for (let next = await iterator.next(); !next.done;) next = await iterator.next();
    }
  }

  return {
    async *load(request, signal) {
      if (signal?.aborted) throw new AbortedError(signal.reason);
      const stop = new AbortController();
      const onAbort = () => stop.abort();
      signal?.addEventListener('abort', onAbort, { once: true });
      const queue = createEventQueue<LoadEvent<RuntimeModel>>({ onReturn: () => stop.abort() });
      open(request, (event) => queue.push(event), stop.signal).then(
        (model) => {
          queue.push({ type: 'ready', model });
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
      if (!opened) throw new NoModelError();
      const { engine } = opened;
      checkPlainRequest(request, 'web-llm', HONOURED);
      asRequest(request.prompt);
      try {
        yield* answerStream({
          pieces: (ending) => pieces(engine, request, ending),
          prompt: null,
          stop: request.stop ?? [],
          now: () => host.now(),
          signal,
        });
      } catch (error) {
        throw failed(error);
      }
    },
    dispose: end,
  };
}

const NEUTRAL = { repetition_penalty: 1, presence_penalty: 0, frequency_penalty: 0 };

function contextOf(config: Record<string, unknown>, wanted = DEFAULT_CONTEXT): number {
  const own = config['context_window_size'];
  return typeof own === 'number' && own > 0 ? Math.min(own, wanted) : wanted;
}

function asRequest(given: Prompt): { prompt: string } | { messages: PlainMessage[] } {
  const prompt = textPrompt(given, 'web-llm');
  return 'text' in prompt ? { prompt: prompt.text } : { messages: plainMessages(prompt, 'web-llm') };
}

function failed(error: unknown): PayableError {
  if (error instanceof PayableError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof Error && /^ContextWindowSizeExceeded/.test(error.name)
    ? new RequestError(`web-llm refused the prompt: ${reason}`, 'Shorten it, or load the model with a longer context.')
    : new RuntimeFailedError('web-llm', reason, error);
}
