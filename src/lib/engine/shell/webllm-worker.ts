/// <reference lib="webworker" />
// web-llm's home in a browser: a worker of its own. Its code is fetched when this worker starts.

import { serveFromWorker } from './serve-from-worker.ts';
import { createWebLlmRuntime } from './webllm.ts';

declare const self: DedicatedWorkerGlobalScope;

serveFromWorker(
  self,
  createWebLlmRuntime({
    fetch: (...args) => fetch(...args),
    now: () => performance.now(),
    today: () => new Date(),
    random: () => Math.random(),
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
      }),
  }),
);
