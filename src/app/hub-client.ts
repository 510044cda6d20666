// The page's side of the worker for the hub, which is started on first use and again when it ended.

import { connect } from '#lib/core/rpc.ts';
import { DownloaderGoneError } from '#lib/engine/shell/errors.ts';
import type { HubDesk } from './hub-desk.ts';

export function createHubClient(): HubDesk {
  let remote: HubDesk | null = null;
  const start = (): HubDesk => {
    const worker = new Worker(new URL('./hub-worker.ts', import.meta.url), { type: 'module', name: 'payable-hub' });
    const connection = connect<HubDesk>(worker, { pull: 'stream', check: 'stream', measure: 'call' });
    worker.addEventListener('error', (event) => {
      remote = null;
      connection.close(new DownloaderGoneError(event.message || 'the worker could not start'));
      worker.terminate();
    });
    return connection.remote;
  };
  const desk = () => (remote ??= start());
  return {
    pull: (...args) => desk().pull(...args),
    check: (...args) => desk().check(...args),
    measure: () => desk().measure(),
  };
}
