// The engine as the page holds it: the same interface, answered by a worker.

import { connect } from '#lib/core/rpc.ts';
import type { Engine } from '../engine.ts';
import { ALIVE } from './alive.ts';
import { EngineGoneError } from './errors.ts';

export interface EngineClient {
  engine: Engine;
  kind: 'webgpu' | 'reference';
  /** Ends the worker and frees everything it held; calls under way fail. */
  close(): void;
}

/**
 * Starts an engine in a worker. `reference` computes in plain TypeScript: slow, but it needs no GPU.
 *
 * @example
 * import { startEngine } from '#lib/engine/shell/client.ts';
 *
 * const { engine, close } = startEngine(navigator.gpu ? 'webgpu' : 'reference', (error) => show(error.message));
 * for await (const event of engine.load({ model: { kind: 'url', url: '/models/nano/base' }, dtype: 'f16' })) show(event);
 * close();
 */
export function startEngine(kind: 'webgpu' | 'reference', onGone: (error: EngineGoneError) => void): EngineClient {
  const name = `payable-engine:${crypto.randomUUID()}:${kind}`;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name });
  const { remote, close } = connect<Engine>(worker, {
    load: 'stream',
    generate: 'stream',
    logits: 'call',
    loadAdapter: 'call',
    unloadAdapter: 'call',
    listAdapters: 'call',
    pinAdapter: 'call',
    stats: 'call',
    dispose: 'call',
  });
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
    engine: remote,
    kind,
    close: () => end(new EngineGoneError('it was closed')),
  };
}
