// One HTTP request for a part of a file at an address, with every refusal as an error in words. It does not try again.

import { AnswerWatch, type Patience } from '#lib/core/answer-watch.ts';
import { FileMissingError } from '#lib/formats/errors.ts';
import { DownloadError, InterruptedError } from '../errors.ts';
import type { WatchedAnswer } from '../read-range.ts';
import { refusalOfBusy } from '../refusal-of-busy.ts';
import type { TransferHost } from '../transfer-host.ts';

export interface AddressOptions extends Patience {
  host: TransferHost;
}

/** The address of a file in the folder at `base`; what follows a `?` goes to all of them, since it may hold a key. */
export function addressOf(base: string, path: string): URL {
  const folder = new URL('.', base);
  const url = new URL(path.split('/').map(encodeURIComponent).join('/'), folder);
  url.search = new URL(base).search;
  return url;
}

/** @throws FileMissingError, DownloadError, InterruptedError, AbortedError */
export async function requestRange(
  { host, ...patience }: AddressOptions,
  { base, path }: { base: string; path: string },
  range: { start: number; end: number },
  signal: AbortSignal,
): Promise<WatchedAnswer> {
  const url = addressOf(base, path);
  const what = `${url.host}${url.pathname}`;
  const watch = new AnswerWatch((fault, details) => new InterruptedError(what, fault, details), signal, patience);
  try {
    const response = await host.fetch(url, {
      headers: { range: `bytes=${range.start}-${range.end - 1}` },
      // As for the hub: a browser would keep every range a second time.
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: watch.signal,
    });
    const { status, headers } = response;
    // Hosts of single-page apps answer unknown addresses with their page.
    const isPage = headers.get('content-type')?.startsWith('text/html') === true && !path.endsWith('.html');
    if (response.ok ? isPage : status !== 416) {
      response.body?.cancel().catch(() => undefined);
      if (isPage || status === 404 || status === 410) throw new FileMissingError(url.host, url.pathname);
      const said = `the server answered ${status}`;
      throw refusalOfBusy(response, what, said, host.today()) ?? new DownloadError(what, said);
    }
    watch.rest();
    return { response, watch };
  } catch (error) {
    watch.end();
    throw watch.inWords(error, 'the server could not be reached, or does not allow other pages to read it');
  }
}
