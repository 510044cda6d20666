// Gateways mark blocks as immutable, so the browser's cache would answer for a pinner that is gone. Asking which pinners keep a block
// must reach the pinners themselves.

/** `fetch` that bypasses the browser's cache. */
export const withoutCache =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (address, init) =>
    fetch(address, { ...init, cache: 'no-store' });
