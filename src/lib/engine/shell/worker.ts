/// <reference lib="webworker" />
// The engine's home in a browser: a worker of its own, so that computing never holds up the page.

import { createEngine } from '../create-engine.ts';
import { openBrowserFolder } from './browser-folder.ts';
import { openOpfsPlanes } from './opfs-planes.ts';
import { serveFromWorker } from './serve-from-worker.ts';
import { createOpfsPrefixStore } from './opfs-prefix-store.ts';

declare const self: DedicatedWorkerGlobalScope;

// A page that asks for the reference kernels names the worker so; without WebGPU there is nothing else.
const gpu = self.name.endsWith(':reference') || !('gpu' in navigator) ? null : navigator.gpu;

serveFromWorker(
  self,
  createEngine({
    gpu,
    openFolder: openBrowserFolder,
    planes: openOpfsPlanes,
    prefixes: createOpfsPrefixStore(),
    now: () => performance.now(),
    today: () => new Date(),
    // eslint-disable-next-line no-console -- the engine's own log belongs in the developer console
    log: (line) => console.info(line),
  }),
);
