/// <reference lib="webworker" />
// What every worker with a runtime does: it answers the page, and shows by a lock that it lives.

import { serve } from '#lib/core/rpc.ts';
import { ALIVE } from './alive.ts';

export function serveFromWorker(scope: DedicatedWorkerGlobalScope, runtime: object): void {
  serve(scope, runtime);
  // A worker that is killed says nothing, but the browser releases its locks: the page waits for this one.
  void navigator.locks.request(scope.name, () => {
    scope.postMessage(ALIVE);
    return new Promise(() => undefined);
  });
}
