// Reads the Datanets that come with the app. Their files lie beside it, and the service worker keeps them for offline use.

import { AbortedError } from '#lib/core/errors.ts';
import { createDigester } from '#lib/core/digester.ts';
import { FileMissingError } from '#lib/formats/errors.ts';
import type { OpenDatanetContext } from '#lib/flows/open-datanet.ts';
import { appUrl } from './app-url.ts';

export const shippedDatanets: OpenDatanetContext = {
  createDigester,
  async read(path, signal) {
    const response = await fetch(appUrl(`datanets/${path}`), { signal }).catch((cause: unknown) => {
      if (signal.aborted) throw new AbortedError(cause);
      throw missing(path, 'It is not kept on this device, and the server of the app cannot be reached.', cause);
    });
    if (!response.ok || !response.body) throw missing(path, `The server answered ${response.status}.`);
    return pieces(response.body, path, signal);
  },
};

const missing = (path: string, why: string, cause?: unknown) =>
  new FileMissingError('The Datanets of this app', path, `${why} Connect and try again.`, cause);

/** Not every browser can iterate over a response body. */
async function* pieces(
  body: ReadableStream<Uint8Array>,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        if (signal.aborted) throw new AbortedError(cause);
        throw missing(path, 'The connection broke off.', cause);
      });
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
