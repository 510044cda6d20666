/// <reference lib="webworker" />
// web-llm's home in a browser: a worker of its own. Its code is fetched when this worker starts.

import { serveFromWorker } from './serve-from-worker.ts';
import { createBrowserTransferHost } from './transfer-host.ts';
import { createWebLlmRuntime } from './webllm.ts';

declare const self: DedicatedWorkerGlobalScope;

serveFromWorker(self, createWebLlmRuntime(createBrowserTransferHost()));
