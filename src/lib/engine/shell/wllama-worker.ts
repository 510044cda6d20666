/// <reference lib="webworker" />
// wllama's home in a browser: a worker of its own, in which it starts the worker that computes.

import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import { serveFromWorker } from './serve-from-worker.ts';
import { openBrowserFolder } from './browser-folder.ts';
import { createWllamaRuntime } from './wllama.ts';

declare const self: DedicatedWorkerGlobalScope;

/** llama.cpp is slower than on one thread where others want the same cores. */
const MOST_THREADS = 8;

serveFromWorker(
  self,
  createWllamaRuntime({
    wasmUrl: new URL(wasmUrl, self.location.href).href,
    threads: self.crossOriginIsolated ? Math.max(1, Math.min(MOST_THREADS, navigator.hardwareConcurrency - 1)) : 1,
    openFolder: openBrowserFolder,
    now: () => performance.now(),
    today: () => new Date(),
    // eslint-disable-next-line no-console -- the runtime's own log belongs in the developer console
    log: (line) => console.info(line),
  }),
);
