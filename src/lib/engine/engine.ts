// The engine's public surface: the same words in a worker, in Node and over a socket. An engine is a runtime with every ability;
// other runtimes have fewer (`runtimes.ts`). Types only. It knows requests and events; it knows no platform, no GPU and no storage.

import type { FolderRef } from '#lib/core/folder.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { Prompt } from '#lib/model/chat-message.ts';
import type { GradientHost, TrainingHost } from './training/training-host.ts';

/** Elements of the key-value cache. `i8`: a byte each, with a scale for each key and each value of a head. */
export type CacheDtype = 'f32' | 'f16' | 'i8';

export interface LoadRequest {
  model: FolderRef;
  /** How weights are kept on the GPU; activations and reductions are always f32. */
  dtype: WeightDtype;
  /** How keys and values are kept. Default: f32 beside weights in f32, else f16. */
  cache?: CacheDtype;
  /** `default` keeps to what every WebGPU device must offer. Default `best`. */
  limits?: 'default' | 'best';
  /** Longest sequence in tokens; may be longer than the model's own. Default: the smaller of the model's own and 4,096. */
  contextLength?: number;
  /** Sequences that may decode together. Default 32. */
  maxSequences?: number;
  /** GPU memory for adapters in bytes. Default 64 MiB. */
  adapterPoolBytes?: number;
  /** RAM for adapters that are not on the GPU, in bytes. Default 512 MiB. */
  adapterRamBytes?: number;
}

export type LoadEvent<Model extends RuntimeModel = ModelInfo> =
  | {
      type: 'progress';
      phase: 'reading' | 'weights' | 'compiling' | 'testing';
      loadedBytes: number;
      totalBytes: number;
    }
  /** It answers. What the first answer can do without is still under way until the stream ends. */
  | { type: 'ready'; model: Model };

/** What every runtime says about its model; a runtime leaves out what it does not know. */
export interface RuntimeModel {
  name: string;
  contextLength: number;
  device: DeviceInfo;
  hasChatTemplate: boolean;
  /** sha256 (hex) over the model's config and weight files. */
  id?: string;
  family?: string;
  parameters?: number;
  layers?: number;
  vocab?: number;
  /** The format that weights are computed from: `f16`, `Q4_0`, `q4f16_1`. */
  dtype?: string;
  weightBytes?: number;
}

export interface ModelInfo extends Required<RuntimeModel> {
  dtype: WeightDtype;
}

export interface DeviceInfo {
  vendor: string;
  architecture: string;
  description: string;
  /** `webgpu` on a GPU (or a software adapter), `reference` for plain TypeScript, `wasm` for threads of the CPU, `browser` where the browser chooses. */
  kind: 'webgpu' | 'reference' | 'wasm' | 'browser';
  features: string[];
}

/** An adapter by id with its weight; 1 applies it as trained, 0 not at all. */
export interface AdapterUse {
  id: string;
  weight: number;
}

export interface AdapterInfo {
  /** sha256 (hex) over the PEFT files: the adapter's identity everywhere. */
  id: string;
  name: string;
  kind: 'lora' | 'rslora' | 'dora';
  /** Highest rank of any adapted matrix. */
  rank: number;
  targets: string[];
  /** Token ids of an adapter that begins at an invocation (aLoRA): it is applied from their last occurrence in the prompt on. */
  invocation?: number[];
  /** Parts for pictures or sound, which are not applied: text does not pass them. */
  skipped?: string[];
  bytes: number;
  /** `gpu`: ready for the next step. `ram`: one upload away. `disk`: read again from its folder first. */
  tier: 'gpu' | 'ram' | 'disk';
  pinned: boolean;
}

export interface SamplingSettings {
  /** 0 is greedy. Default 0. */
  temperature?: number;
  /** Keep the k most likely tokens; 0 keeps all. Default, as of top-p and min-p: what the model's files say. */
  topK?: number;
  /** Keep the smallest set holding this much probability; 1 keeps all. */
  topP?: number;
  /** Drop tokens less likely than this share of the most likely one; 0 keeps all. */
  minP?: number;
  /** Divides (positive) or multiplies (negative) logits of tokens seen before; 1 is off. Default: what the model's files say. */
  repetitionPenalty?: number;
  /** No sequence of so many tokens comes twice; 0 is off. Default: what the model's files say. */
  noRepeatNgramSize?: number;
  /** The answer does not end before it has so many tokens. Default: what the model's files say. */
  minNewTokens?: number;
  /** Subtracted once from logits of tokens generated before. */
  presencePenalty?: number;
  /** Subtracted from logits once per earlier occurrence. */
  frequencyPenalty?: number;
  /** Same seed, request and device give the same tokens. Default 0. */
  seed?: number;
}

export interface GenerateRequest {
  prompt: Prompt;
  adapters?: AdapterUse[];
  /**
   * Ends the prompt with the invocation of each adapter that has one, unless it ends with it already. False leaves the prompt as it is:
   * an adapter whose invocation is not in it is not applied, as in PEFT. Default false.
   */
  invoke?: boolean;
  maxTokens: number;
  sampling?: SamplingSettings;
  /** Text that ends the answer; it is not part of the answer. */
  stop?: string[];
  /** False computes the whole prompt even where its beginning is known, and leaves nothing for others. Default true. */
  reusePrefix?: boolean;
  /**
   * Keeps what was computed of prompt and answer on this device, if the host has a store: a later session goes on from there without
   * reading the prompt again. Only for the same model, device, adapters and weights. Default false.
   */
  keep?: boolean;
  /**
   * Lets a step run several tokens that stood behind the same words before, of which those stay that the model says itself: the same
   * answer, sooner where it repeats or quotes. The engine does so only while it pays. False never does. Default true.
   */
  speculate?: boolean;
  /** Texts outside the prompt that the answer may quote, for `speculate` to look in. The model does not read them. */
  quotable?: string[];
  /** Ask for the log-probability of every sampled token, by the model's own logits before penalties and temperature. */
  logprobs?: boolean;
  /** With `logprobs`: as many of the most likely tokens, 0 to 20. Default 0. */
  topLogprobs?: number;
}

export interface TokenLogprob {
  id: number;
  /** Natural logarithm. */
  logprob: number;
}

export type FinishReason = 'stop' | 'length' | 'cancelled';

/** `Id` is null where the runtime gives text only; `ids` is empty then. */
export type GenerateEvent<Id extends number | null = number> =
  /**
   * `prompt` is the text that the model reads; null where ids were given. Some runtimes say the number of its tokens at the end only: it
   * is 0 here. `notInvoked`: ids of adapters that are not applied, as their invocation is not in the prompt; absent where all are.
   */
  | { type: 'start'; promptTokens: number; cachedTokens: number; prompt: string | null; notInvoked?: string[] }
  | { type: 'token'; id: Id; text: string; logprob?: number; top?: TokenLogprob[] }
  | { type: 'done'; finish: FinishReason; ids: Id[]; text: string; timings: GenerateTimings };

export interface GenerateTimings {
  promptTokens: number;
  cachedTokens: number;
  newTokens: number;
  /** From the request to its first token, waiting in the queue included. */
  firstTokenMs: number;
  /** From the first token to the last. */
  decodeMs: number;
  /** Tokens that speculation proposed, and how many of them the model said. */
  proposedTokens: number;
  acceptedTokens: number;
}

export interface LogitsResult {
  /** Row-major [tokens, vocab]. */
  data: Float32Array<ArrayBuffer>;
  tokens: number;
  vocab: number;
}

export interface EngineStats {
  steps: { prefill: number; decode: number };
  /** GPU dispatches of the last decode step. */
  dispatchesPerStep: number;
  /** Since the engine was made. */
  bindGroupsCreated: number;
  bufferWrites: number;
  /** What is allocated. Cache and adapter pool are reserved when the model is loaded. */
  gpuBytes: { weights: number; kv: number; adapters: number; other: number };
  /** The filled part of what is reserved: blocks with tokens in use or reusable, pages of resident adapters. */
  usedBytes: { kv: number; adapters: number };
  kvBlocks: { total: number; free: number; cached: number };
  adapters: { registered: number; resident: number; evictions: number };
  milliseconds: { prefill: number; decode: number; adapterUpload: number };
  /** `proposed` and `accepted`: by speculation; accepted ones are among the generated. */
  tokens: { prompt: number; cached: number; generated: number; proposed: number; accepted: number };
}

/** What every runtime does: it opens a model and continues text. */
export interface Runtime<
  Request = LoadRequest,
  Model extends RuntimeModel = RuntimeModel,
  Id extends number | null = number | null,
> {
  /**
   * Replaces the model in use. One `ready` event says that it answers; the end of the stream, that nothing of the load is left to do.
   * Throws when either fails. A reader that leaves after `ready` keeps the model.
   *
   * @example
   * const request = { model: { kind: 'url', url: '/models/nano/base' }, dtype: 'f16', contextLength: 2048 } as const;
   * for await (const event of engine.load(request, signal)) {
   *   if (event.type === 'progress') show(`${event.phase}: ${event.loadedBytes} of ${event.totalBytes} bytes`);
   *   else show(`${event.model.name} is ready`);
   * }
   */
  load(request: Request, signal?: AbortSignal): AsyncIterable<LoadEvent<Model>>;
  /**
   * Streams one answer. Ending the iteration early cancels the request within one step.
   *
   * @example
   * const prompt = { messages: [{ role: 'user', content: 'Name three rare birds.' }] } as const;
   * let answer = '';
   * for await (const event of engine.generate({ prompt, maxTokens: 128, stop: ['\n\n'] }, signal)) {
   *   if (event.type === 'token') answer += event.text;
   * }
   */
  generate(request: GenerateRequest, signal?: AbortSignal): AsyncIterable<GenerateEvent<Id>>;
  /**
   * @example
   * try {
   *   for await (const event of engine.generate({ prompt: { text: 'Hello' }, maxTokens: 8 })) show(event);
   * } finally {
   *   await engine.dispose();
   * }
   */
  dispose(): Promise<void>;
}

/** Adapters can be registered and named in requests. */
export interface AdapterHost {
  /**
   * Registers a PEFT folder (a second load of the same files is the same adapter).
   *
   * @example
   * const { id, name, rank } = await engine.loadAdapter({ kind: 'url', url: '/models/nano/adapters/birds' });
   * show(`${name}, rank ${rank}`);
   * const request = { prompt: { text: 'The kakapo' }, adapters: [{ id, weight: 0.8 }], maxTokens: 64 };
   * for await (const event of engine.generate(request, signal)) show(event);
   */
  loadAdapter(folder: FolderRef): Promise<AdapterInfo>;
  /**
   * Right after an answer is done, its adapters can be unloaded.
   *
   * @throws RequestError while a request uses it
   *
   * @example
   * for (const { id, pinned } of await engine.listAdapters()) {
   *   if (!pinned) await engine.unloadAdapter(id);
   * }
   */
  unloadAdapter(id: string): Promise<void>;
  /**
   * @example
   * const adapters = await engine.listAdapters();
   * const ready = adapters.filter(({ tier }) => tier === 'gpu').map(({ name }) => name);
   */
  listAdapters(): Promise<AdapterInfo[]>;
  /**
   * A pinned adapter is never evicted from the GPU.
   *
   * @example
   * await engine.pinAdapter(adapter.id, true);
   * const pinned = (await engine.listAdapters()).filter((one) => one.pinned);
   */
  pinAdapter(id: string, pinned: boolean): Promise<void>;
}

/** Numbers behind the text: logits, and with them log-probabilities in `generate`. */
export interface Scorer {
  /**
   * Logits of every position.
   *
   * @example
   * const { data, tokens, vocab } = await engine.logits([1, 403, 278], [{ id: adapter.id, weight: 1 }]);
   * const last = data.subarray((tokens - 1) * vocab);
   * const likeliest = last.indexOf(Math.max(...last));
   */
  logits(ids: number[], adapters?: AdapterUse[]): Promise<LogitsResult>;
}

export interface Measured {
  /**
   * @example
   * const { tokens, milliseconds } = await engine.stats();
   * show(`${((1000 * tokens.generated) / milliseconds.decode).toFixed(1)} tokens per second`);
   */
  stats(): Promise<EngineStats>;
}

/** The product's own engine. */
export interface Engine
  extends Runtime<LoadRequest, ModelInfo, number>, AdapterHost, Scorer, Measured, TrainingHost, GradientHost {}
