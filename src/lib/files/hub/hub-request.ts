// One HTTP request to the hub: the token goes to the hub's own origin only, and every refusal becomes an error in words. It does
// not try again; `patiently` does.

import { AnswerWatch, type Patience } from '#lib/core/answer-watch.ts';
import { parseWebAddress } from '#lib/core/web-address.ts';
import {
  DownloadError,
  HubAnswerError,
  HubGatedError,
  HubMissingError,
  HubTokenError,
  InterruptedError,
} from '../errors.ts';
import type { WatchedAnswer } from '../read-range.ts';
import { refusalOfBusy } from '../refusal-of-busy.ts';
import type { TransferHost } from '../transfer-host.ts';

export interface HubOptions extends Patience {
  host: TransferHost;
  /** Default `https://huggingface.co`; a mirror, or a server on this machine. */
  endpoint?: string | undefined;
  /** A read token, for gated and private repositories. */
  token?: string | undefined;
}

export interface HubRequest {
  readonly host: TransferHost;
  readonly endpoint: URL;
  /** `path` is below the endpoint. A returned answer has status 200, 206 or 416; its watch must be ended. */
  send(request: HubCall): Promise<WatchedAnswer>;
}

export interface HubCall {
  /** An absolute path with its query. */
  path: string;
  repo: string;
  /** What is requested, for error messages. */
  what: string;
  range?: { start: number; end: number };
  signal: AbortSignal;
}

const DEFAULT_ENDPOINT = 'https://huggingface.co';
/** Visible ASCII: anything else cannot go into a header, and the platform's error would quote it. */
const TOKEN = /^[\x21-\x7e]{1,400}$/;

/** @throws HubTokenError, HubAnswerError for an endpoint that cannot be used */
export function createHubRequest({ host, endpoint = DEFAULT_ENDPOINT, token, ...patience }: HubOptions): HubRequest {
  const base = parseEndpoint(endpoint);
  if (token !== undefined && !TOKEN.test(token)) throw new HubTokenError('holds characters that no token has');
  const hasToken = token !== undefined;

  const refusal = (response: Response, { repo, what }: HubCall): Error => {
    const { status, headers } = response;
    // Without a token the hub answers 401 for what does not exist, too, and says which in this header.
    const code = headers.get('x-error-code') ?? '';
    if (code === 'GatedRepo') return new HubGatedError(repo, new URL(repo, base).href, hasToken);
    if (code === 'RepoNotFound') return new HubMissingError(`repository ${repo}`, hasToken);
    if (code === 'RevisionNotFound' || code === 'EntryNotFound' || status === 404)
      return new HubMissingError(what, hasToken);
    if (status === 401)
      return hasToken ? new HubTokenError('is not accepted') : new HubMissingError(`repository ${repo}`, hasToken);
    if (status === 403) return new HubGatedError(repo, new URL(repo, base).href, hasToken);
    const said = `the hub answered ${status}`;
    return refusalOfBusy(response, what, said, host.today()) ?? new DownloadError(what, said);
  };

  return {
    host,
    endpoint: base,
    async send(call) {
      const { path, what, range, signal } = call;
      const address = new URL(path, base);
      if (address.origin !== base.origin) throw new HubAnswerError(call.repo, 'it points to another server');
      const watch = new AnswerWatch((fault, details) => new InterruptedError(what, fault, details), signal, patience);
      try {
        const response = await host.fetch(address, {
          headers: {
            ...(range && { range: `bytes=${range.start}-${range.end - 1}` }),
            ...(hasToken && { authorization: `Bearer ${token}` }),
          },
          // `fetch` removes the token where a redirect leads to another origin.
          redirect: 'follow',
          // A browser would keep gigabytes twice, and its cache serves ranges of one address one after the other.
          cache: 'no-store',
          credentials: 'omit',
          referrerPolicy: 'no-referrer',
          signal: watch.signal,
        });
        if (!response.ok && response.status !== 416) {
          response.body?.cancel().catch(() => undefined);
          throw refusal(response, call);
        }
        watch.rest();
        return { response, watch };
      } catch (error) {
        watch.end();
        throw watch.inWords(error, 'the server could not be reached');
      }
    },
  };
}

function parseEndpoint(text: string): URL {
  const url = parseWebAddress(text);
  if (!url) throw new HubAnswerError('this endpoint', 'its address does not begin with https');
  return new URL('/', url);
}
