// Holds the device and the model loaded on it, and makes both again, adapters and pins included, when the device fails.
// It knows what was asked for, so that it can be done twice; it knows no request and no token.

import { AbortedError, PayableError } from '#lib/core/errors.ts';
import type { FolderRef } from '#lib/core/folder.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { GpuLostError, GpuMemoryError } from '#lib/webgpu/errors.ts';
import { createGpuDevice } from '#lib/webgpu/gpu-device.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import type { AdapterInfo, LoadEvent, LoadRequest, ModelInfo } from './engine.ts';
import type { Registration } from './adapters.ts';
import { NoModelError, RebuildError } from './errors.ts';
import type { Host } from './host.ts';
import { createSession, type Session } from './session.ts';

export interface ModelKeeper {
  /** Replaces the model in use. */
  load(request: LoadRequest, onProgress: OnProgress, signal: AbortSignal): Promise<LoadedModel>;
  /** The session in use, made again first when its device failed. */
  current(): Promise<Session>;
  /**
   * What runs on a session, done again once on the rebuilt one if the device is lost meanwhile.
   * Everything `run` does must be safe to do twice.
   */
  withSession<T>(run: (session: Session) => Promise<T>): Promise<T>;
  /** The same model after `lost` lost its device. @throws AbortedError when another model was loaded instead. */
  after(lost: Session): Promise<Session>;
  loadAdapter(ref: FolderRef): Promise<AdapterInfo>;
  unloadAdapter(id: string): Promise<void>;
  pinAdapter(id: string, pinned: boolean): Promise<void>;
  dispose(): void;
}

export interface LoadedModel {
  info: ModelInfo;
  /** Settles when nothing of the load is left to do. When it rejects, the model is gone. */
  finished: Promise<void>;
}

type OnProgress = (event: Extract<LoadEvent, { type: 'progress' }>) => void;

interface Loaded {
  request: LoadRequest;
  id: string;
  /** As of the last session that was lost. */
  adapters: readonly Registration[];
}

export function createModelKeeper(host: Host): ModelKeeper {
  let device: Device | null = null;
  let deviceLimits: 'default' | 'best' = 'best';
  let session: Session | null = null;
  let loaded: Loaded | null = null;
  /** Opening and rebuilding happen one at a time, in the order they were asked for. */
  let turn: Promise<unknown> = Promise.resolve();
  let rebuilding = new AbortController();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  /** What failed after the model was ready; it has to be loaded again. */
  let broken: Error | null = null;

  const drop = (reason: Error) => {
    session?.dispose(reason);
    session = null;
  };
  const dropDevice = () => {
    device?.dispose();
    device = null;
  };
  const openDevice = async (limits: 'default' | 'best'): Promise<Device> => {
    if (device && deviceLimits === limits && failureOf(device) === null) return device;
    dropDevice();
    deviceLimits = limits;
    device = host.gpu ? await createGpuDevice(host.gpu, { limits }) : createReferenceDevice();
    return device;
  };
  const open = async (request: LoadRequest, onProgress: OnProgress, signal: AbortSignal): Promise<Session> => {
    const on = await openDevice(request.limits ?? 'best');
    const folder = host.openFolder(request.model);
    const keptIn = host.prefixes && { store: host.prefixes, log: host.log };
    try {
      const { now, today, log } = host;
      const planes = (await host.planes?.()) ?? null;
      const made: Session = await createSession({
        device: on,
        folder,
        request,
        keptIn,
        now,
        today,
        log,
        planes,
        signal,
        onProgress,
      });
      const finished = made.finished.catch((error: unknown) => {
        // A device that failed is replaced when the model is used next.
        if (session?.transformer !== made.transformer || failureOf(on)) return;
        forget();
        broken = error instanceof Error ? error : new Error(String(error));
        drop(broken);
        throw broken;
      });
      finished.catch(() => undefined);
      return { ...made, finished };
    } catch (error) {
      // Half an allocation is best given back with the device it was made on.
      if (error instanceof GpuMemoryError) dropDevice();
      throw error;
    }
  };

  /** Adapters are not read here: one whose folder fails or never answers would hold up the model and all others. */
  const rebuild = async (what: Loaded, signal: AbortSignal): Promise<Session> => {
    const reason = session ? failureOf(session.device) : null;
    host.log(`The GPU failed; loading the model again. ${reason?.message ?? ''}`.trim());
    if (session) what.adapters = session.adapters.registrations;
    drop(reason ?? new GpuLostError(''));
    const made = await open(what.request, () => undefined, signal);
    // Files that changed since are another model, which these adapters were not checked against.
    if (made.info.id === what.id) made.adapters.adopt(what.adapters);
    session = made;
    return made;
  };
  const healthy = (): Session | null => (session && failureOf(session.device) === null ? session : null);
  const current = async (): Promise<Session> => {
    if (broken) throw broken;
    if (!session && !loaded) throw new NoModelError();
    const at = healthy();
    if (at) return at;
    const { signal } = rebuilding;
    return inTurn(async () => {
      if (!loaded) throw signal.aborted ? new AbortedError() : new NoModelError();
      try {
        return healthy() ?? (await rebuild(loaded, signal));
      } catch (error) {
        if (error instanceof AbortedError) throw error;
        throw new RebuildError(error instanceof PayableError ? error.message : String(error), error);
      }
    });
  };
  const withSession = async <T>(run: (session: Session) => Promise<T>): Promise<T> => {
    const first = await current();
    try {
      return await run(first);
    } catch (error) {
      if (!(error instanceof GpuLostError)) throw error;
      return run(await current());
    }
  };
  /** What is loaded or being rebuilt no longer matters. */
  const forget = () => {
    loaded = null;
    broken = null;
    rebuilding.abort();
    rebuilding = new AbortController();
  };

  return {
    current,
    withSession,
    load(request, onProgress, signal) {
      forget();
      return inTurn(async () => {
        drop(new AbortedError());
        if (signal.aborted) throw new AbortedError(signal.reason);
        session = await open(request, onProgress, signal);
        const { info, finished } = session;
        loaded = { request, id: info.id, adapters: [] };
        return { info, finished };
      });
    },
    async after(lost) {
      const at = await current();
      if (at.info.id !== lost.info.id) throw new AbortedError();
      return at;
    },
    async loadAdapter(ref) {
      const info = await withSession(({ adapters }) => adapters.register(host.openFolder(ref)));
      if (info.skipped?.length)
        host.log(`${info.name}: what it has for ${info.skipped.join(', ')} is not applied; text does not pass it.`);
      return info;
    },
    async unloadAdapter(id) {
      // A request that is done still holds its adapters while steps beyond its end are computed.
      await (await current()).scheduler.settled();
      (await current()).adapters.unregister(id);
    },
    async pinAdapter(id, pinned) {
      (await current()).adapters.pin(id, pinned);
    },
    dispose() {
      forget();
      drop(new AbortedError());
      dropDevice();
    },
  };
}

/** Why nothing more can be computed on the device; null while it is well. */
function failureOf(device: Device): Error | null {
  try {
    device.check();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
