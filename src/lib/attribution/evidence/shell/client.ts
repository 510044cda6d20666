// The page's side of an index that is being built: the same interface, answered by a worker.

import { connect } from '#lib/core/rpc.ts';
import { BuilderGoneError } from '../errors.ts';
import type { EvidenceBuilder } from '../evidence-builder.ts';

export interface BuilderClient {
  builder: EvidenceBuilder;
  /** Ends the worker and frees its memory; pending calls fail. */
  close(): void;
}

export function startEvidenceBuilder(): BuilderClient {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'payable-evidence' });
  const { remote, close } = connect<EvidenceBuilder>(worker, { begin: 'call', add: 'call', finish: 'call' });
  const end = (reason: string) => {
    close(new BuilderGoneError(reason));
    worker.terminate();
  };
  worker.addEventListener('error', (event) => end(event.message || 'the worker could not start'));
  return { builder: remote, close: () => end('it was closed') };
}
