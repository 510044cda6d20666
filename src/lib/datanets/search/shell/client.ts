// The page's side of a search: the same interface, answered by a worker.

import { connect } from '#lib/core/rpc.ts';
import { SearchGoneError } from '../../errors.ts';
import type { RowSearcher } from '../row-searcher.ts';

export interface SearchClient {
  searcher: RowSearcher;
  /** Ends the worker and frees its memory; pending calls fail. */
  close(): void;
}

export function startSearch(): SearchClient {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'payable-search' });
  const { remote, close } = connect<RowSearcher>(worker, {
    begin: 'call',
    add: 'call',
    search: 'call',
    columns: 'call',
  });
  const end = (reason: string) => {
    close(new SearchGoneError(reason));
    worker.terminate();
  };
  worker.addEventListener('error', (event) => end(event.message || 'the worker could not start'));
  return { searcher: remote, close: () => end('it was closed') };
}
