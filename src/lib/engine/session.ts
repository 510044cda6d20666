// One loaded model on one device: its weights, its adapters, its running sequences. Made by a load, gone with the next.

import type { Folder } from '#lib/core/folder.ts';
import { openTensors } from '#lib/formats/model/open-tensors.ts';
import { hashFiles, storedHash } from '#lib/core/hash.ts';
import { AbortedError } from '#lib/core/errors.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import { readArchitecture } from '#lib/model/config.ts';
import { dropEqualHead } from '#lib/model/drop-equal-head.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { resolveTensors, tensorsOf } from '#lib/model/families/resolve-tensors.ts';
import { readGenerationRules, type GenerationRules } from '#lib/model/generation-rules.ts';
import { loadText, type TextModel } from '#lib/model/text.ts';
import { openModelFolder } from '#lib/model/sources/open-model.ts';
import { createLaterKernels } from '#lib/model/decoder/later-kernels.ts';
import { createTransformer, type Transformer } from '#lib/model/decoder/transformer.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import type { BaseFiles } from './adapter-tables.ts';
import { createAdapterPool } from './adapter-pool.ts';
import { createAdapterReader } from './adapter-reader.ts';
import { createAdapters, type Adapters } from './adapters.ts';
import { createChanges, type Changes } from './changes.ts';
import { compileAhead } from './compile-ahead.ts';
import { constraintLists } from './constraints.ts';
import { createAdmission, type Admission } from './admission.ts';
import type { LoadEvent, LoadRequest, ModelInfo } from './engine.ts';
import { finishLoad } from './finish-load.ts';
import { loadStoredWeights } from './planes/load-stored-weights.ts';
import type { PlaneStore } from './planes/plane-store.ts';
import { findPlanes } from './planes/stored-planes.ts';
import { createKeptPrefixes, type KeptPrefixesOptions } from './kept-prefixes.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { selfTest } from './self-test.ts';
import { sessionSizes } from './session-sizes.ts';
import { createStepWriter, type StepWriter } from './step-writer.ts';
import { createTurns, type Turns } from './turns.ts';

export interface Session {
  readonly info: ModelInfo;
  readonly device: Device;
  /** Of the model, as Hugging Face has it. */
  readonly folder: Folder;
  readonly architecture: Architecture;
  readonly sizes: DecoderSizes;
  readonly text: TextModel;
  /** What the model's files want done to logits. */
  readonly rules: GenerationRules;
  readonly weights: ModelWeights;
  readonly transformer: Transformer;
  readonly adapters: Adapters;
  readonly admission: Admission;
  readonly scheduler: Scheduler;
  readonly writer: StepWriter;
  /** Of what waiting sequences wait for. */
  readonly changes: Changes;
  /** Resolves when nothing of the load is left to do; rejects when something of it failed, and the session must not be used. */
  readonly finished: Promise<void>;
  /** Aborted, with the reason, when the session is disposed, before anything is freed. */
  readonly closing: AbortSignal;
  /** Ends what still runs with `reason` and frees everything; the device stays the caller's. */
  dispose(reason: Error): void;
}

export interface SessionOptions {
  /** Where packed weights of stored models are kept. */
  planes?: PlaneStore | null;
  log?(line: string): void;
  device: Device;
  folder: Folder;
  request: LoadRequest;
  /** Where beginnings of conversations are kept, if anywhere. */
  keptIn?: Pick<KeptPrefixesOptions, 'store' | 'log'> | undefined;
  now(): number;
  today(): Date;
  signal?: AbortSignal | undefined;
  onProgress(event: Extract<LoadEvent, { type: 'progress' }>): void;
}

const DEFAULT_RAM_BYTES = 512 << 20;

/** On failure everything made is freed; the device stays the caller's. */
export async function createSession(options: SessionOptions): Promise<Session> {
  const { device, request, signal, now } = options;
  const { dtype } = request;
  const stopIfAsked = () => {
    if (signal?.aborted) throw new AbortedError(signal.reason);
  };
  const progress = (
    phase: Extract<LoadEvent, { type: 'progress' }>['phase'],
    loadedBytes: number,
    totalBytes: number,
  ) => options.onProgress({ type: 'progress', phase, loadedBytes, totalBytes });

  progress('reading', 0, 0);
  const model = await openModelFolder(options.folder, signal);
  const architecture = await readArchitecture(model);
  const { folder, index } = await openTensors(model, signal);
  const named = resolveTensors(architecture, index, folder.name);
  const sizes = sessionSizes(architecture, request, device);
  const tensors = await dropEqualHead(folder, architecture, named, signal);
  const used = tensorsOf(tensors);
  const files = ['config.json', ...new Set(used.map(({ file }) => file).sort())];
  const storedId = await storedHash(folder, files);
  const planes = storedId !== null && options.planes ? await findPlanes(options.planes, storedId, dtype) : null;
  await compileAhead(device, { folder, architecture, tensors }, dtype, sizes, !planes?.found);
  const text = await loadText(folder, architecture.vocab, options.today);
  const rules = await readGenerationRules(folder, architecture.vocab);
  const totalBytes = planes?.found?.bytes ?? used.reduce((sum, { start, end }) => sum + end - start, 0);
  const parameters = used.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

  stopIfAsked();
  const leaving = new AbortController();
  const hashSignal = signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal;
  // Files are hashed while the GPU packs what was read of them; those that are stored under their hashes, when the model is ready.
  const hashed = storedId === null ? hashFiles(folder, files, hashSignal) : null;
  hashed?.catch(() => undefined);
  let loadedBytes = 0;
  const onBytes = (bytes: number) => {
    loadedBytes += bytes;
    progress('weights', loadedBytes, totalBytes);
  };
  const weights = await loadStoredWeights(
    { device, folder, architecture, tensors, dtype, signal, onBytes },
    planes,
  ).catch((error: unknown) => {
    leaving.abort();
    throw error;
  });
  const later = createLaterKernels();
  let transformer: Transformer | null = null;
  try {
    progress('compiling', totalBytes, totalBytes);
    transformer = await createTransformer(device, architecture, weights, sizes, later);
    await device.settle();
    stopIfAsked();
    progress('testing', totalBytes, totalBytes);
    await selfTest({ device, architecture, dtype, sizes, transformer, packsOn: planes?.found ? 'host' : 'device' });
    stopIfAsked();
    const id = storedId ?? (await hashed!);
    const info = describe({ id, folder, architecture, parameters, sizes, dtype, weights, device, text });
    const base = { folder, tensors };
    const turns = createTurns();
    const closing = new AbortController();
    const hash = () => hashFiles(folder, files, closing.signal, () => turns.compute());
    const stored = storedId === null ? null : { id, hash };
    const { name } = info;
    const keep = planes && !planes.found ? { ...planes, weights, turns, signal: closing.signal } : null;
    const log = (line: string) => options.log?.(line);
    const finished = finishLoad({ name, device, architecture, dtype, sizes, later, stored, keep, log });
    // The model keeper hears of it.
    finished.catch(() => undefined);
    const made = { info, architecture, sizes, text, rules, weights, transformer, finished, turns, closing };
    return await assemble({ ...options, base, ...made, now });
  } catch (error) {
    leaving.abort();
    transformer?.destroy();
    weights.destroy();
    throw error;
  }
}

interface Parts extends Omit<SessionOptions, 'folder' | 'onProgress'> {
  base: BaseFiles;
  info: ModelInfo;
  architecture: Architecture;
  sizes: DecoderSizes;
  text: TextModel;
  rules: GenerationRules;
  weights: ModelWeights;
  transformer: Transformer;
  finished: Promise<void>;
  turns: Turns;
  closing: AbortController;
}

async function assemble(parts: Parts): Promise<Session> {
  const { device, base, info, architecture, sizes, text, rules, weights, transformer, finished, turns, now } = parts;
  const ramBytes = parts.request.adapterRamBytes ?? DEFAULT_RAM_BYTES;
  const writer = createStepWriter(device, transformer.state, sizes.step);
  const changes = createChanges();
  const onChange = () => changes.happen();
  const reader = createAdapterReader({ device, architecture, weights, sizes, base, turns, finished });
  const pool = createAdapterPool(device, transformer, sizes, architecture.layers, turns);
  const adapters = createAdapters({ reader, pool, transformer, ramBytes, now, onChange });
  const { vocab } = architecture;
  const lists = constraintLists(rules, text.stopIds);
  const { kind, vendor, architecture: chip, description, software, lanes, maxThreads } = device;
  const arithmetic = [sizes.kvDtype, sizes.poolDtype, kind, vendor, chip, description, software, lanes, maxThreads];
  const model = JSON.stringify([info.id, info.dtype, ...arithmetic]);
  const { blockParts } = transformer;
  const conversations = { device, turns, blockParts, model, finished };
  const kept = parts.keptIn ? await createKeptPrefixes({ ...parts.keptIn, ...conversations }) : null;
  const admission = createAdmission({ device, transformer, sizes, vocab, adapters, writer, lists, kept, onChange });
  const scheduler = createScheduler({ device, transformer, sizes, admission, writer, turns, model: info.name, now });
  changes.onEach(() => scheduler.wake());
  return {
    info,
    device,
    folder: base.folder,
    architecture,
    sizes,
    text,
    rules,
    weights,
    transformer,
    adapters,
    admission,
    scheduler,
    writer,
    changes,
    finished,
    closing: parts.closing.signal,
    dispose(reason) {
      parts.closing.abort(reason);
      scheduler.fail(reason);
      adapters.dispose(reason);
      transformer.destroy();
      weights.destroy();
    },
  };
}

function describe(of: {
  id: string;
  folder: Folder;
  architecture: Architecture;
  parameters: number;
  sizes: DecoderSizes;
  dtype: WeightDtype;
  weights: ModelWeights;
  device: Device;
  text: TextModel;
}): ModelInfo {
  const { kind, vendor, architecture: chip, description, features } = of.device;
  return {
    id: of.id,
    name: of.folder.name,
    family: of.architecture.family,
    parameters: of.parameters,
    layers: of.architecture.layers,
    vocab: of.architecture.vocab,
    contextLength: of.sizes.contextLength,
    dtype: of.dtype,
    weightBytes: of.weights.bytes,
    device: { kind, vendor, architecture: chip, description, features: [...features] },
    hasChatTemplate: of.text.hasChatTemplate,
  };
}
