// wllama, which is llama.cpp as WebAssembly: GGUF models and adapters on the CPU, without WebGPU. The wasm file is the app's own.
// llama.cpp takes adapters only while it loads a model, so a new adapter makes it load the model again before the next answer.

import { Wllama, WllamaError, type RawCompletionChunk } from '@wllama/wllama';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { createEventQueue } from '#lib/core/event-queue.ts';
import type { Folder, FolderRef } from '#lib/core/folder.ts';
import { answerStream } from '../answer-stream.ts';
import { checkBlend } from '../requests.ts';
import type {
  AdapterHost,
  AdapterUse,
  GenerateRequest,
  LoadEvent,
  LoadRequest,
  Runtime,
  RuntimeModel,
} from '../engine.ts';
import { NoModelError, RequestError, RuntimeFailedError, UnknownAdapterError } from '../errors.ts';
import { checkPlainRequest } from '../plain-request.ts';
import { CountedBlob } from './counted-blob.ts';
import { BrowserLacksError } from './errors.ts';
import { openGgufAdapter, openGgufBase, type GgufAdapter, type GgufBase } from './wllama-files.ts';
import { completionRequest, HONOURED, readChunk } from './wllama-completion.ts';
import { createWllamaPrompts, type WllamaPrompts } from './wllama-prompts.ts';

export interface WllamaHost {
  wasmUrl: string;
  /** More than one needs a page that is isolated from other origins. */
  threads: number;
  openFolder(ref: FolderRef): Folder;
  now(): number;
  today(): Date;
  log(line: string): void;
}

/** As on the product's own engine. */
const DEFAULT_CONTEXT = 4096;

interface Opened extends GgufBase {
  model: RuntimeModel;
  prompts: WllamaPrompts;
}

/** What llama.cpp has in its memory. */
interface Instance {
  wllama: Wllama;
  /** In the order of llama.cpp's numbers. */
  adapters: readonly string[];
}

export function createWllamaRuntime(host: WllamaHost): Runtime & AdapterHost {
  const said = createLlamaLog(host.log);
  const adapters = new Map<string, GgufAdapter>();
  let opened: Opened | null = null;
  let instance: Instance | null = null;
  /** Work on the one instance, one piece after the other. */
  let line: Promise<unknown> = Promise.resolve();

  const inLine = async <T>(work: () => Promise<T>): Promise<T> => {
    const before = line;
    let done = () => {};
    line = new Promise<void>((resolve) => (done = resolve));
    await before;
    try {
      return await work();
    } finally {
      done();
    }
  };
  const current = (): Opened => {
    if (!opened) throw new NoModelError();
    return opened;
  };
  const end = async () => {
    const { wllama } = instance ?? {};
    instance = null;
    await wllama?.exit();
  };

  /** llama.cpp with this model and all registered adapters. */
  const start = async (
    { blob, model }: Omit<Opened, 'prompts'>,
    { onRead = () => undefined, signal }: { onRead?: (bytes: number) => void; signal?: AbortSignal } = {},
  ): Promise<Instance> => {
    await end();
    const wllama = new Wllama({ default: host.wasmUrl }, { logger: said.logger, allowOffline: true });
    // Its default for browsers without the newest WebAssembly is a build from another origin.
    wllama.setCompat(null);
    const used = [...adapters.values()];
    const place = (at: number) => {
      const digits = (count: number) => String(count).padStart(5, '0');
      return `models/model-${digits(at + 2)}-of-${digits(used.length + 1)}.gguf`;
    };
    // Ending its worker is the only way to stop a load.
    const stop = () => void wllama.exit();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await wllama.loadModel([new CountedBlob(blob, onRead), ...used.map((adapter) => adapter.blob)], {
        n_ctx: model.contextLength,
        n_threads: host.threads,
        n_gpu_layers: 0,
        n_batch: 256,
        n_parallel: 1,
        warmup: false,
        ctx_shift: false,
        ...(used.length > 0 && {
          lora_adapters: used.map((_, at) => ({ path: place(at), scale: 1 })),
          lora_init_without_apply: true,
        }),
      });
    } catch (error) {
      await wllama.exit();
      throw signal?.aborted ? new AbortedError(error) : failed(error, said.take());
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    instance = { wllama, adapters: used.map(({ info }) => info.id) };
    return instance;
  };

  const ready = async (): Promise<Instance> => {
    const isCurrent = instance?.adapters.length === adapters.size && instance.adapters.every((id) => adapters.has(id));
    return isCurrent ? instance! : start(current());
  };

  /** Scales of all adapters that llama.cpp holds, in its numbers. */
  const scales = (uses: readonly AdapterUse[], held: readonly string[]) =>
    held.map((id, at) => ({ id: at, scale: uses.find((use) => use.id === id)?.weight ?? 0 }));

  async function* pieces(request: GenerateRequest, prompt: string, signal: AbortSignal) {
    const sampling = checkPlainRequest(request, 'wllama', HONOURED);
    const queue = createEventQueue<RawCompletionChunk>();
    const isStopped = () => signal.aborted;
    const answering = inLine(async () => {
      if (isStopped()) return;
      const { wllama, adapters: held } = await ready();
      const body = completionRequest(request, sampling, prompt, {
        contextLength: current().model.contextLength,
        lora: scales(request.adapters ?? [], held),
      });
      try {
        await wllama.createCompletion({ ...body, abortSignal: signal, onData: (chunk) => queue.push(chunk) });
      } catch (error) {
        // Other errors than its own leave llama.cpp in an unknown state; the next request starts it anew.
        if (!isStopped() && !(error instanceof WllamaError)) await end();
        throw error;
      }
    });
    answering.then(
      () => queue.end(),
      (error: unknown) => queue.fail(signal.aborted ? new AbortedError(error) : failed(error, said.take())),
    );
    for await (const chunk of queue) yield readChunk(chunk);
  }

  async function* load(request: LoadRequest, signal?: AbortSignal): AsyncGenerator<LoadEvent<RuntimeModel>> {
    const missing = missingFeature();
    if (missing) throw new BrowserLacksError('wllama', missing);
    const stop = new AbortController();
    const onAbort = () => stop.abort();
    if (signal?.aborted) throw new AbortedError(signal.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const queue = createEventQueue<LoadEvent<RuntimeModel>>({ onReturn: () => stop.abort() });
    const progress = (phase: 'reading' | 'weights') => (loadedBytes: number, totalBytes: number) =>
      queue.push({ type: 'progress', phase, loadedBytes, totalBytes });
    inLine(async () => {
      await end();
      opened = null;
      adapters.clear();
      const base = await openGgufBase(host.openFolder(request.model), request.model, progress('reading'), stop.signal);
      const next = { ...base, model: describe(base, request, host.threads) };
      const total = base.blob.size;
      progress('weights')(0, total);
      const { wllama } = await start(next, {
        onRead: (bytes) => progress('weights')(bytes, total),
        signal: stop.signal,
      });
      if (stop.signal.aborted) {
        await end();
        throw new AbortedError();
      }
      const { n_layer: layers, n_vocab: vocab, add_bos_token: addsBos } = wllama.getLoadedContextInfo();
      const prompts = createWllamaPrompts(base.fields, { addsBos, today: () => host.today() });
      opened = { ...next, prompts, model: { ...next.model, layers, vocab } };
      queue.push({ type: 'ready', model: opened.model });
    }).then(
      () => queue.end(),
      (error: unknown) => queue.fail(error),
    );
    try {
      yield* queue;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  return {
    load,
    async *generate(request, signal) {
      const { prompts } = current();
      checkPlainRequest(request, 'wllama', HONOURED);
      const uses = request.adapters ?? [];
      for (const { id } of uses) if (!adapters.has(id)) throw new UnknownAdapterError(id);
      checkBlend(uses, []);
      const { shown, sent } = prompts.read(request.prompt);
      yield* answerStream({
        pieces: (ending) => pieces(request, sent, ending),
        prompt: shown,
        stop: request.stop ?? [],
        now: () => host.now(),
        signal,
      });
    },
    async loadAdapter(ref) {
      const adapter = await openGgufAdapter(host.openFolder(ref), current(), new AbortController().signal);
      if (!adapters.has(adapter.info.id)) adapters.set(adapter.info.id, adapter);
      return adapter.info;
    },
    async unloadAdapter(id) {
      if (!adapters.delete(id)) throw new UnknownAdapterError(id);
    },
    listAdapters: async () => {
      current();
      return [...adapters.values()].map(({ info }) => ({ ...info }));
    },
    async pinAdapter(id, pinned) {
      const adapter = adapters.get(id);
      if (!adapter) throw new UnknownAdapterError(id);
      adapter.info = { ...adapter.info, pinned };
    },
    async dispose() {
      opened = null;
      adapters.clear();
      await end();
    },
  };
}

function describe({ blob, fields }: GgufBase, request: LoadRequest, threads: number): RuntimeModel {
  const trained = fields.number('.context_length');
  const type = fields.numberOrNull('general.file_type');
  return {
    name: fields.text('general.name') || fields.file,
    family: fields.architecture,
    contextLength: Math.min(request.contextLength ?? DEFAULT_CONTEXT, trained),
    ...(type !== null && FILE_TYPES[type] && { dtype: FILE_TYPES[type] }),
    weightBytes: blob.size,
    device: {
      kind: 'wasm',
      vendor: '',
      architecture: 'WebAssembly',
      description: threads === 1 ? '1 thread' : `${threads} threads`,
      features: [],
    },
    hasChatTemplate: fields.text('tokenizer.chat_template') !== null,
  };
}

/** By `general.file_type`, the format of most tensors. */
const FILE_TYPES: Readonly<Record<number, string>> = {
  ...{ 0: 'F32', 1: 'F16', 2: 'Q4_0', 3: 'Q4_1', 7: 'Q8_0', 8: 'Q5_0', 9: 'Q5_1', 10: 'Q2_K', 11: 'Q3_K_S' },
  ...{ 12: 'Q3_K_M', 13: 'Q3_K_L', 14: 'Q4_K_S', 15: 'Q4_K_M', 16: 'Q5_K_S', 17: 'Q5_K_M', 18: 'Q6_K', 32: 'BF16' },
};

/** Null where the browser has what the wasm file needs. */
function missingFeature(): string | null {
  try {
    new WebAssembly.Memory({ address: 'i64', initial: 1n } as unknown as WebAssembly.MemoryDescriptor);
    return null;
  } catch {
    return 'WebAssembly with 64-bit memory';
  }
}

/** llama.cpp says why it refused something in its log alone. */
function createLlamaLog(log: (line: string) => void) {
  let complaint = '';
  const say = (...words: unknown[]) => {
    const line = words.map(String).join(' ').trim();
    log(line);
    // After the reason comes the place where it was noticed.
    if (!/^(Stack trace|RangeError)/.test(line)) complaint = line;
  };
  return {
    logger: { debug: () => undefined, log: () => undefined, warn: say, error: say },
    /** The newest complaint; it is returned once. */
    take() {
      const taken = complaint;
      complaint = '';
      return taken;
    },
  };
}

function failed(error: unknown, complaint: string): PayableError {
  if (error instanceof PayableError) return error;
  const message = error instanceof Error ? error.message : String(error);
  // A refusal inside llama.cpp comes out as an answer that cannot be read.
  const reason = /Invalid typed array length/.test(message) && complaint !== '' ? complaint : message;
  return /context size|n_ctx|exceeds the available context/i.test(reason)
    ? new RequestError(`wllama refused the prompt: ${reason}`, 'Shorten it, or load the model with a longer context.')
    : new RuntimeFailedError('wllama', reason, error);
}
