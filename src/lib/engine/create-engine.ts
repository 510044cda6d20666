// The one constructor of an engine: holds the device and the loaded model, and puts the public surface on them.

import { AbortedError } from '#lib/core/errors.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { GpuLostError } from '#lib/webgpu/errors.ts';
import { createGpuDevice } from '#lib/webgpu/gpu-device.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { allLogits } from './all-logits.ts';
import type { Engine, EngineStats, LoadEvent, LoadRequest } from './engine.ts';
import { NoModelError } from './errors.ts';
import { createEventQueue } from './event-queue.ts';
import { generate } from './generate.ts';
import type { Host } from './host.ts';
import { createSession, type Session } from './session.ts';

/**
 * @example
 * const engine = createEngine(host);
 * for await (const event of engine.load({ model: { kind: 'url', url: '/models/nano/base' }, dtype: 'f16' })) show(event);
 * for await (const event of engine.generate({ prompt: { text: 'Hello' }, maxTokens: 32 })) show(event);
 */
export function createEngine(host: Host): Engine {
  let device: Device | null = null;
  let deviceLimits: 'default' | 'best' = 'best';
  let session: Session | null = null;
  let loaded: LoadRequest | null = null;
  /** Adapter folders of the loaded model, to register again after a lost device. */
  const adapterFolders = new Map<string, Parameters<Engine['loadAdapter']>[0]>();

  const dropDevice = () => {
    session?.dispose();
    session = null;
    device?.dispose();
    device = null;
  };
  const openDevice = async (limits: 'default' | 'best'): Promise<Device> => {
    if (device && deviceLimits === limits && !isLost(device)) return device;
    dropDevice();
    deviceLimits = limits;
    device = host.gpu ? await createGpuDevice(host.gpu, { limits }) : createReferenceDevice();
    return device;
  };
  const open = async (
    request: LoadRequest,
    onProgress: (event: Extract<LoadEvent, { type: 'progress' }>) => void,
    signal?: AbortSignal,
  ): Promise<Session> => {
    session?.dispose();
    session = null;
    const on = await openDevice(request.limits ?? 'best');
    const folder = host.openFolder(request.model);
    session = await createSession({ device: on, folder, request, now: () => host.now(), signal, onProgress });
    return session;
  };
  /** The session, rebuilt when its device was lost. */
  const current = async (): Promise<Session> => {
    if (!session && !loaded) throw new NoModelError();
    if (session && !isLost(session.device)) return session;
    host.log('The GPU device was lost; loading the model again.');
    const rebuilt = await open(loaded!, () => undefined);
    for (const ref of adapterFolders.values()) await rebuilt.adapters.register(host.openFolder(ref));
    return rebuilt;
  };

  return {
    async *load(request, signal) {
      const stop = new AbortController();
      const queue = createEventQueue<LoadEvent>(() => stop.abort());
      const onAbort = () => stop.abort(signal?.reason);
      if (signal?.aborted) throw new AbortedError(signal.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      adapterFolders.clear();
      loaded = null;
      open(request, (event) => queue.push(event), stop.signal).then(
        ({ info }) => {
          loaded = request;
          queue.push({ type: 'ready', model: info });
          queue.end();
        },
        (error: unknown) => queue.fail(error),
      );
      try {
        yield* queue;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    async *generate(request, signal) {
      yield* generate(await current(), request, () => host.now(), signal);
    },
    logits: async (ids, adapters = []) => allLogits(await current(), ids, adapters),
    async loadAdapter(ref) {
      const info = await (await current()).adapters.register(host.openFolder(ref));
      adapterFolders.set(info.id, ref);
      return info;
    },
    async unloadAdapter(id) {
      (await current()).adapters.unregister(id);
      adapterFolders.delete(id);
    },
    listAdapters: async () => (await current()).adapters.list(),
    pinAdapter: async (id, pinned) => (await current()).adapters.pin(id, pinned),
    stats: async () => statsOf(await current()),
    dispose() {
      loaded = null;
      adapterFolders.clear();
      dropDevice();
      return Promise.resolve();
    },
  };
}

function isLost(device: Device): boolean {
  try {
    device.check();
    return false;
  } catch (error) {
    return error instanceof GpuLostError;
  }
}

function statsOf({ device, weights, transformer, admission, adapters, scheduler }: Session): EngineStats {
  const { stats } = scheduler;
  const { counters } = device;
  const { kvBytes, poolBytes } = transformer;
  return {
    steps: { prefill: stats.prefillSteps, decode: stats.decodeSteps },
    dispatchesPerStep: stats.dispatchesPerStep,
    bindGroupsCreated: counters.bindGroups,
    bufferWrites: counters.writes,
    gpuBytes: {
      weights: weights.bytes,
      kv: kvBytes,
      adapters: poolBytes,
      other: counters.bufferBytes - weights.bytes - kvBytes - poolBytes,
    },
    kvBlocks: { total: admission.blocks.total, free: admission.blocks.available, cached: admission.blocks.cached },
    adapters: { registered: adapters.registered, resident: adapters.resident, evictions: adapters.evictions },
    milliseconds: { prefill: stats.prefillMs, decode: stats.decodeMs, adapterUpload: adapters.uploadMs },
    tokens: { prompt: stats.promptTokens, cached: stats.cachedTokens, generated: stats.generatedTokens },
  };
}
