// The client of a pinner: sign-in, upload of a graph as one CAR, the IPFS Pinning Service API, and offers. It holds no keys; a wallet
// signs.

import type { CID } from 'multiformats/cid';
import { PayableError } from '#lib/core/errors.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { AnswerWatch, readBody } from '#lib/core/answer-watch.ts';
import { SourceFailedError, sourceFailure } from './errors.ts';
import { parseGatewayAddress } from './gateway.ts';

export interface Pinned {
  requestId: string;
  cid: string;
  name: string;
  status: 'queued' | 'pinning' | 'pinned' | 'failed';
  /** Why it failed, or what it waits for. */
  reason: string;
  /** Addresses to which holders of the blocks may connect. */
  delegates: string[];
}

export interface PinnerInfo {
  /** Named by the signed message. */
  uri: string;
  peerId: string | undefined;
  delegates: string[];
}

export interface Challenge {
  nonce: string;
  uri: string;
}

/** What the signed message names besides the pinner. */
export interface AskingPage {
  /** Host of the requesting page. */
  domain: string;
  chainId: number;
}

interface Waiting {
  signal?: AbortSignal | undefined;
}

export interface PinnerClient {
  info(options?: Waiting): Promise<PinnerInfo>;
  /** Requests a nonce, has it signed (EIP-4361), keeps the token that it gets, and returns it for later use. */
  signIn(
    page: AskingPage,
    sign: (challenge: Challenge) => Promise<{ message: string; signature: string }>,
    options?: Waiting,
  ): Promise<string>;
  /** Uploads a CAR and pins its graph. */
  upload(car: Blob, options?: Waiting & { name?: string }): Promise<Pinned>;
  /** Has the pinner fetch a graph from peers that connect to its delegates. */
  pin(root: CID, options?: Waiting & { name?: string; origins?: readonly string[] }): Promise<Pinned>;
  status(requestId: string, options?: Waiting): Promise<Pinned>;
  /** Newest first, of every status; a thousand at most. */
  list(options?: Waiting): Promise<Pinned[]>;
  remove(requestId: string, options?: Waiting): Promise<void>;
  usage(options?: Waiting): Promise<{ bytes: number; roomBytes: number }>;
  /** Leaves an offer, which any account may take to the chain. */
  handIn(offer: string, options?: Waiting): Promise<void>;
  /** Offers for a Datanet, as unchecked text; needs no token. */
  offers(datanet: string, options?: Waiting): Promise<string[]>;
}

/** A pinner's refusal, with its own message. */
export class PinnerRefusedError extends PayableError {
  readonly status: number;
  constructor(pinner: string, status: number, details: string) {
    super('ipfs/pinner-refused', `${pinner}: ${details}`);
    this.status = status;
  }
}

const MAX_ANSWER = 8 << 20;
/** A pinner may have to search its queue or query a node behind it. */
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
    const watch = new AnswerWatch(sourceFailure(name), signal, { silenceMs: ANSWER_MS });
    // Uploads have no time limit.
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
      for await (const part of readBody(response, watch, MAX_ANSWER)) text += decoder.decode(part, { stream: true });
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
