// A trustless HTTP gateway as a source of blocks: raw blocks and CARs, within bounds of size and silence. It believes no
// status line more than the bytes behind it, and the bytes not at all.

import type { CID } from 'multiformats/cid';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { MAX_BLOCK_BYTES } from '#lib/core/format/block.ts';
import type { Asking, BlockSource } from './block-source.ts';
import { BadAddressError, BlockMissingError, SourceFailedError } from './errors.ts';

export interface GatewayOptions {
  fetch: typeof fetch;
  /** A source that sends nothing for so long is given up; default 20,000. */
  silenceMs?: number;
  /** Most bytes of one CAR; default 64 GiB. */
  maxCarBytes?: number;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The gateway at `address`, like `https://pinner.example` or `http://127.0.0.1:4180`.
 *
 * @throws BadAddressError when it is no address, carries a password, or is unencrypted and not of this machine
 */
export function createGateway(address: string, options: GatewayOptions): BlockSource {
  const base = parseGatewayAddress(address);
  const { fetch, silenceMs = 20_000, maxCarBytes = 2 ** 36 } = options;
  const name = base.host;

  async function ask(cid: CID, format: 'raw' | 'car', asking: Asking): Promise<Answer> {
    const watch = new Watch(name, silenceMs, asking.signal);
    const url = new URL(`ipfs/${cid.toString()}?format=${format}`, base);
    const accept =
      format === 'raw' ? 'application/vnd.ipld.raw' : 'application/vnd.ipld.car;version=1;order=dfs;dups=n';
    try {
      const response = await fetch(url, {
        headers: { accept },
        signal: watch.signal,
        redirect: 'error',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
      });
      if (response.status === 404 || response.status === 410) throw new BlockMissingError(cid.toString(), [name]);
      if (!response.ok) throw new SourceFailedError(name, `it answered ${response.status} for ${cid.toString()}`);
      watch.rest();
      return { response, watch };
    } catch (error) {
      watch.end();
      throw watch.inWords(error, 'it cannot be reached');
    }
  }

  return {
    name,
    async block(cid, asking = {}) {
      const parts: Uint8Array[] = [];
      let total = 0;
      for await (const part of bodyOf(name, await ask(cid, 'raw', asking), MAX_BLOCK_BYTES)) {
        parts.push(part);
        total += part.length;
      }
      const bytes = new Uint8Array(total);
      for (let at = 0, index = 0; index < parts.length; at += parts[index++]!.length) bytes.set(parts[index]!, at);
      return bytes;
    },
    async car(root, asking = {}) {
      return bodyOf(name, await ask(root, 'car', asking), maxCarBytes);
    },
  };
}

/** The address with a slash at its end. @throws BadAddressError */
export function parseGatewayAddress(address: string): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch (cause) {
    throw new BadAddressError(address, 'is no address of a gateway', cause);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new BadAddressError(address, 'begins with neither https nor http');
  if (url.username || url.password) throw new BadAddressError(address, 'carries a name or a password');
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw new BadAddressError(address, 'is unencrypted; only this machine may be asked so');
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  url.search = url.hash = '';
  return url;
}

interface Answer {
  response: Response;
  watch: Watch;
}

async function* bodyOf(name: string, { response, watch }: Answer, most: number): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader();
  let total = 0;
  watch.heard();
  try {
    if (!reader) return;
    const claimed = Number(response.headers.get('content-length') ?? 0);
    if (claimed > most)
      throw new SourceFailedError(name, `it wants to send ${claimed} bytes; at most ${most} are taken`);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      // Whoever takes the bytes may be slow; that is no silence of the source.
      watch.rest();
      total += value.length;
      if (total > most) throw new SourceFailedError(name, `it sent more than ${most} bytes`);
      yield value;
      watch.heard();
    }
  } catch (error) {
    throw watch.inWords(error, 'it broke off');
  } finally {
    watch.end();
    reader?.cancel().catch(() => undefined);
  }
}

/** Aborts a request that falls silent, or whose asker no longer wants it. */
class Watch {
  readonly #name: string;
  readonly #silenceMs: number;
  readonly #outer: AbortSignal | undefined;
  readonly #abort = new AbortController();
  readonly #onAbort = () => this.#abort.abort();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silent = false;

  constructor(name: string, silenceMs: number, outer: AbortSignal | undefined) {
    this.#name = name;
    this.#silenceMs = silenceMs;
    this.#outer = outer;
    if (outer?.aborted) this.#abort.abort();
    outer?.addEventListener('abort', this.#onAbort);
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#silent = true;
      this.#abort.abort();
    }, this.#silenceMs);
  }

  /** Nothing is waited for until it is heard from again. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.rest();
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }

  inWords(error: unknown, what: string): unknown {
    if (this.#outer?.aborted) return new AbortedError(error);
    if (error instanceof PayableError) return error;
    if (this.#silent) return new SourceFailedError(this.#name, `it sent nothing for ${this.#silenceMs / 1000} s`);
    return new SourceFailedError(this.#name, what, { cause: error });
  }
}
