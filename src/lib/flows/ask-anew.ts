// The one way to ask what is so now. Gateways say of blocks that they never change, and a browser that kept such an answer would give
// it in the place of a pinner that is gone; a check goes past all of that to the one who is asked.

/** `fetch` whose answers come from the one that is asked, never from a cache. */
export const askAnew =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (address, init) =>
    fetch(address, { ...init, cache: 'no-store' });
