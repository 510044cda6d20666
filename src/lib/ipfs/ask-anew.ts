// Gateways mark blocks as immutable, so the browser's cache would answer for a pinner that is gone. A check of who keeps a block
// must reach the pinner itself.

/** `fetch` that bypasses the browser's cache. */
export const askAnew =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (address, init) =>
    fetch(address, { ...init, cache: 'no-store' });
