// A pinner from the outside: signing in, one upload for a whole graph, requests of the IPFS Pinning Service API, offers that wait
// there. It signs nothing itself; a wallet does.

import type { CID } from 'multiformats/cid';
import { PayableError } from '#lib/core/errors.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { AnswerWatch, readBody } from './answer-watch.ts';
import { SourceFailedError } from './errors.ts';
import { parseGatewayAddress } from './gateway.ts';

export interface Pinned {
  requestId: string;
  cid: string;
  name: string;
  status: 'queued' | 'pinning' | 'pinned' | 'failed';
  /** Why it failed, or what it waits for. */
  reason: string;
  /** Where who has the blocks may connect to. */
  delegates: string[];
}

export interface PinnerInfo {
  /** What a signed message names. */
  uri: string;
  peerId: string | undefined;
  delegates: string[];
}

export interface Challenge {
  nonce: string;
  uri: string;
}

/** What the signed message will name beside the pinner. */
export interface AskingPage {
  /** Host of the page that asks. */
  domain: string;
  chainId: number;
}

interface Waiting {
  signal?: AbortSignal | undefined;
}

export interface PinnerClient {
  info(options?: Waiting): Promise<PinnerInfo>;
  /** Asks for a number, has it signed (EIP-4361), and keeps the token it gets. Returns the token, to be used again. */
  signIn(
    page: AskingPage,
    sign: (challenge: Challenge) => Promise<{ message: string; signature: string }>,
    options?: Waiting,
  ): Promise<string>;
  /** Brings a CAR to be kept whole. */
  upload(car: Blob, options?: Waiting & { name?: string }): Promise<Pinned>;
  /** Has the pinner fetch a graph from whoever connects to its delegates. */
  pin(root: CID, options?: Waiting & { name?: string; origins?: readonly string[] }): Promise<Pinned>;
  status(requestId: string, options?: Waiting): Promise<Pinned>;
  /** Newest first, of every status; a thousand at most. */
  list(options?: Waiting): Promise<Pinned[]>;
  remove(requestId: string, options?: Waiting): Promise<void>;
  usage(options?: Waiting): Promise<{ bytes: number; roomBytes: number }>;
  /** Leaves an offer for whoever brings it to the chain. */
  handIn(offer: string, options?: Waiting): Promise<void>;
  /** What was left for a Datanet, as texts that nobody has checked; needs no token. */
  offers(datanet: string, options?: Waiting): Promise<string[]>;
}

/** A pinner's refusal, in its own words. */
export class PinnerRefusedError extends PayableError {
  readonly status: number;
  constructor(pinner: string, status: number, details: string) {
    super('ipfs/pinner-refused', `${pinner}: ${details}`);
    this.status = status;
  }
}

const MAX_ANSWER = 8 << 20;
/** A pinner may have a queue to look through, or a node behind it to ask. */
const ANSWER_MS = 60_000;
const STATUSES = ['queued', 'pinning', 'pinned', 'failed'] as const;

/** `token` is one that `signIn` gave earlier. @throws BadAddressError; the methods: PinnerRefusedError, SourceFailedError, AbortedError */
export function createPinnerClient(address: string, fetch: typeof globalThis.fetch, token?: string): PinnerClient {
  const base = parseGatewayAddress(address);
  const name = base.host;
  let bearer = token;

  async function call(path: string, init: RequestInit, { signal }: Waiting): Promise<JsonObject> {
    const headers = new Headers(init.headers);
    if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`);
    const watch = new AnswerWatch(name, signal, { silenceMs: ANSWER_MS });
    // An upload takes as long as it takes.
    if (init.body instanceof Blob) watch.rest();
    try {
      const own: RequestInit = {
        redirect: 'error',
        cache: 'no-store',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
      };
      const response = await fetch(new URL(path, base), { ...init, ...own, headers, signal: watch.signal });
      let text = '';
      const decoder = new TextDecoder();
      for await (const part of readBody(name, response, watch, MAX_ANSWER))
        text += decoder.decode(part, { stream: true });
      const body = parseObject(text);
      if (response.ok) return body ?? {};
      const error = isJsonObject(body?.['error']) ? body['error'] : {};
      const { details = `it answered ${response.status}.` } = error;
      throw new PinnerRefusedError(name, response.status, String(details).slice(0, 1000));
    } catch (error) {
      throw watch.inWords(error, 'it cannot be reached');
    } finally {
      watch.end();
    }
  }
  const post = (path: string, body: unknown, options: Waiting) =>
    call(
      path,
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      options,
    );
  const pathOf = (requestId: string) => `pins/${encodeURIComponent(requestId)}`;

  return {
    async info(options = {}) {
      const { uri, peerId, delegates } = await call('', {}, options);
      if (typeof uri !== 'string') throw new SourceFailedError(name, 'it is no pinner');
      return { uri, peerId: typeof peerId === 'string' ? peerId : undefined, delegates: texts(delegates) };
    },
    async signIn({ domain, chainId }, sign, options = {}) {
      const { nonce, uri } = await post('auth/challenge', { domain, chainId }, options);
      if (typeof nonce !== 'string' || typeof uri !== 'string') throw new SourceFailedError(name, 'it is no pinner');
      const { token: given } = await post('auth/token', await sign({ nonce, uri }), options);
      if (typeof given !== 'string') throw new SourceFailedError(name, 'it gave no token');
      return (bearer = given);
    },
    async upload(car, options = {}) {
      const query = options.name === undefined ? '' : `?name=${encodeURIComponent(options.name)}`;
      const headers = { 'content-type': 'application/vnd.ipld.car' };
      return readPinned(name, await call(`car${query}`, { method: 'POST', headers, body: car }, options));
    },
    async pin(root, options = {}) {
      const wish = { cid: root.toString(), name: options.name ?? '', origins: options.origins ?? [] };
      return readPinned(name, await post('pins', wish, options));
    },
    status: async (requestId, options = {}) => readPinned(name, await call(pathOf(requestId), {}, options)),
    async list(options = {}) {
      const { results } = await call(`pins?limit=1000&status=${STATUSES.join(',')}`, {}, options);
      return (Array.isArray(results) ? results : []).map((entry) => readPinned(name, entry));
    },
    remove: async (requestId, options = {}) => void (await call(pathOf(requestId), { method: 'DELETE' }, options)),
    handIn: async (offer, options = {}) => void (await post('offers', { offer }, options)),
    async offers(datanet, options = {}) {
      const { offers } = await call(`offers?datanet=${encodeURIComponent(datanet)}`, {}, options);
      return texts((Array.isArray(offers) ? offers : []).map((entry) => isJsonObject(entry) && entry['text']));
    },
    async usage(options = {}) {
      const { bytes, roomBytes } = await call('usage', {}, options);
      return { bytes: Number(bytes), roomBytes: Number(roomBytes) };
    },
  };
}

function readPinned(name: string, answer: unknown): Pinned {
  const { requestid, status, pin, delegates, info } = isJsonObject(answer) ? answer : {};
  const { cid, name: label } = isJsonObject(pin) ? pin : {};
  const known = STATUSES.find((word) => word === status);
  if (typeof requestid !== 'string' || typeof cid !== 'string' || known === undefined) {
    throw new SourceFailedError(name, 'it answered something else than the state of a request');
  }
  const { status_details: reason } = isJsonObject(info) ? info : {};
  return {
    requestId: requestid,
    cid,
    name: typeof label === 'string' ? label : '',
    status: known,
    reason: typeof reason === 'string' ? reason : '',
    delegates: texts(delegates),
  };
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
