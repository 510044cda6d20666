// A runtime as the page holds it: the same interface, answered by a worker.

import { connect } from '#lib/core/rpc.ts';
import type { Capability, RuntimeKind, RuntimeOf } from '../runtimes.ts';
import { RUNTIMES } from '../runtimes.ts';
import { ALIVE } from './alive.ts';
import { EngineGoneError } from './errors.ts';

/** A runtime that runs, and how to end it. */
export type RuntimeClient<Kind extends RuntimeKind = RuntimeKind> = {
  [Of in Kind]: {
    kind: Of;
    runtime: RuntimeOf[Of];
    /** Ends the worker and frees everything it held; calls under way fail. */
    close(): void;
  };
}[Kind];

/** Runtimes with a worker of their own. */
export type WorkerKind = Exclude<RuntimeKind, 'prompt-api'>;

type Methods = Readonly<Record<string, 'stream' | 'call'>>;

const METHODS: Methods = { load: 'stream', generate: 'stream', dispose: 'call' };
const OF_CAPABILITY: Readonly<Record<Capability, Methods>> = {
  adapters: { loadAdapter: 'call', unloadAdapter: 'call', listAdapters: 'call', pinAdapter: 'call' },
  logits: { logits: 'call' },
  stats: { stats: 'call' },
  training: {
    ...{ openTraining: 'call', trainStep: 'call', scoreExamples: 'call', saveTraining: 'call' },
    ...{ restoreTraining: 'call', trainedAdapters: 'call', closeTraining: 'call' },
  },
};

/** Bundlers find a worker by these words, so each stands here whole. A worker's script is fetched when it starts. */
function startWorker(kind: WorkerKind, name: string): Worker {
  switch (kind) {
    case 'webgpu':
    case 'reference':
      return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name });
    case 'wllama':
      return new Worker(new URL('./wllama-worker.ts', import.meta.url), { type: 'module', name });
    case 'web-llm':
      return new Worker(new URL('./webllm-worker.ts', import.meta.url), { type: 'module', name });
  }
}

/**
 * Starts a runtime in a worker. `reference` computes in plain TypeScript: slow, but it needs no GPU.
 *
 * @example
 * import { startRuntime } from '#lib/engine/shell/client.ts';
 *
 * const { runtime, close } = startRuntime(navigator.gpu ? 'webgpu' : 'wllama', (error) => show(error.message));
 * for await (const event of runtime.load({ model: { kind: 'url', url: '/models/nano/base' }, dtype: 'f16' })) show(event);
 * close();
 */
export function startRuntime<Kind extends WorkerKind>(
  kind: Kind,
  onGone: (error: EngineGoneError) => void,
): RuntimeClient<Kind> {
  const name = `payable-engine:${crypto.randomUUID()}:${kind}`;
  const worker = startWorker(kind, name);
  const offered = RUNTIMES[kind].capabilities.map((capability: Capability) => OF_CAPABILITY[capability]);
  const methods = offered.reduce((all, more) => ({ ...all, ...more }), METHODS);
  const { remote, close } = connect<RuntimeOf[Kind]>(worker, methods as Parameters<typeof connect<RuntimeOf[Kind]>>[1]);
  const watching = new AbortController();
  const end = (error: EngineGoneError) => {
    watching.abort();
    close(error);
    worker.terminate();
  };
  const fail = (reason: string) => {
    const error = new EngineGoneError(reason);
    end(error);
    onGone(error);
  };
  worker.addEventListener('error', (event) => fail(event.message || 'the worker could not start'));
  worker.addEventListener('message', ({ data }) => {
    if (data !== ALIVE) return;
    navigator.locks
      .request(name, { signal: watching.signal }, () => fail('its worker ended, perhaps for want of memory'))
      .catch(() => undefined);
  });
  return {
    kind,
    runtime: remote,
    close: () => end(new EngineGoneError('it was closed')),
  };
}
