// The engine as the page holds it: the same interface, answered by a worker.

import { connect } from '#lib/core/rpc.ts';
import type { Engine } from '../engine.ts';
import { EngineGoneError } from './errors.ts';

export interface EngineClient {
  engine: Engine;
  kind: 'webgpu' | 'reference';
  /** Ends the worker and frees everything it held; calls under way fail. */
  close(): void;
}

/** Starts an engine in a worker. `reference` computes in plain TypeScript: slow, but it needs no GPU. */
export function startEngine(kind: 'webgpu' | 'reference', onGone: (error: EngineGoneError) => void): EngineClient {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    type: 'module',
    name: `payable-engine:${kind}`,
  });
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
  worker.addEventListener('error', (event) => {
    const error = new EngineGoneError(event.message || 'the worker could not start');
    close(error);
    worker.terminate();
    onGone(error);
  });
  return {
    engine: remote,
    kind,
    close() {
      close(new EngineGoneError('it was closed'));
      worker.terminate();
    },
  };
}
