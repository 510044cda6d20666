/// <reference lib="webworker" />
// Keeps the app's built files for offline use. Model weights and datasets are stored elsewhere.

import { cleanupOutdatedCaches, createHandlerBoundToURL, matchPrecache, precache } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

precache(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL('200.html')));
// Runtimes of others are large, so they are kept when they are first used. Their names change with their content.
const RUNTIMES = 'payable-runtimes';
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && /\/_app\/immutable\/workers\/.*(wllama|webllm)-/.test(url.pathname),
  async ({ request }) => {
    const cache = await caches.open(RUNTIMES);
    const kept = await cache.match(request);
    if (kept) return kept;
    const response = await fetch(request);
    // A full disk must not keep the runtime from starting.
    if (response.status === 200) await cache.put(request, response.clone()).catch(() => undefined);
    return response;
  },
);
registerRoute(
  ({ url, sameOrigin, request }) =>
    sameOrigin &&
    request.method === 'GET' &&
    (!url.pathname.includes('/models/') || url.pathname.endsWith('/index.json')),
  async ({ request }) => (await matchPrecache(request)) ?? fetch(request),
);

self.addEventListener('message', (event) => {
  if ((event.data as { type?: string } | null)?.type === 'SKIP_WAITING') void self.skipWaiting();
});
self.addEventListener('activate', (event) =>
  // A new version has runtimes of its own names; the old ones would not be removed otherwise.
  event.waitUntil(Promise.all([self.clients.claim(), caches.delete(RUNTIMES)])),
);
