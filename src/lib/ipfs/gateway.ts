// A trustless HTTP gateway as a source of blocks: raw blocks and CARs, within bounds of size and time. Nothing it sends is trusted: neither
// status nor length nor bytes.

import type { CID } from 'multiformats/cid';
import { MAX_BLOCK_BYTES } from '#lib/formats/block/block.ts';
import { AnswerWatch, readBody, type Patience } from '#lib/core/answer-watch.ts';
import { isLoopback } from '#lib/core/web-address.ts';
import type { Asking, BlockSource } from './block-source.ts';
import { BadAddressError, BlockMissingError, SourceFailedError, sourceFailure } from './errors.ts';

export interface GatewayOptions extends Patience {
  fetch: typeof fetch;
  /** Most bytes of one CAR; default 64 GiB. */
  maxCarBytes?: number;
}

/**
 * The gateway at `address`, like `https://pinner.example` or `http://127.0.0.1:4180`.
 *
 * @throws BadAddressError for an invalid address, one with a password, or an unencrypted one of another machine
 */
export function createGateway(address: string, options: GatewayOptions): BlockSource {
  const base = parseGatewayAddress(address);
  const { fetch, maxCarBytes = 2 ** 36 } = options;
  const name = base.host;

  async function ask(cid: CID, format: 'raw' | 'car', asking: Asking): Promise<Answer> {
    const watch = new AnswerWatch(sourceFailure(name), asking.signal, options);
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
      if (response.status === 404 || response.status === 410)
        throw new BlockMissingError(cid.toString(), { asked: [name] });
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
      const { response, watch } = await ask(cid, 'raw', asking);
      for await (const part of readBody(response, watch, MAX_BLOCK_BYTES)) {
        parts.push(part);
        total += part.length;
      }
      const bytes = new Uint8Array(total);
      for (let at = 0, index = 0; index < parts.length; at += parts[index++]!.length) bytes.set(parts[index]!, at);
      return bytes;
    },
    async car(root, asking = {}) {
      const { response, watch } = await ask(root, 'car', asking);
      return readBody(response, watch, maxCarBytes);
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
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new BadAddressError(address, 'is unencrypted; only this machine may be asked so');
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  url.search = url.hash = '';
  return url;
}

interface Answer {
  response: Response;
  watch: AnswerWatch;
}
