/// <reference lib="webworker" />
// The engine's home in a browser: a worker of its own, so that computing never holds up the page.

import { serve } from '#lib/core/rpc.ts';
import { createEngine } from '../create-engine.ts';
import { ALIVE } from './alive.ts';
import { openBrowserFolder } from './browser-folder.ts';
import { createOpfsPrefixStore } from './opfs-prefix-store.ts';

declare const self: DedicatedWorkerGlobalScope;

// A page that asks for the reference kernels names the worker so; without WebGPU there is nothing else.
const gpu = self.name.endsWith(':reference') || !('gpu' in navigator) ? null : navigator.gpu;

serve(
  self,
  createEngine({
    gpu,
    openFolder: openBrowserFolder,
    prefixes: createOpfsPrefixStore(),
    now: () => performance.now(),
    today: () => new Date(),
    // eslint-disable-next-line no-console -- the engine's own log belongs in the developer console
    log: (line) => console.info(line),
  }),
);

// A worker that is killed says nothing, but its locks are let go: the page waits for this one.
void navigator.locks.request(self.name, () => {
  self.postMessage(ALIVE);
  return new Promise(() => undefined);
});
