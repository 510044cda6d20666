// A pin backend on a Kubo node, by its RPC (docs.ipfs.tech/reference/kubo/rpc). Its answers are not trusted: callers
// hash the blocks before they serve them.

import { ReadableStream } from 'node:stream/web';
import type { CID } from 'multiformats/cid';
import { AbortedError } from '#lib/core/errors.ts';
import { MAX_BLOCK_BYTES, type Block } from '#lib/formats/block/block.ts';
import { writeCar } from '#lib/formats/block/car.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { BackendFailedError, RefusedError } from './errors.ts';
import type { Kept, PinBackend, PinTask } from './pin-backend.ts';
import { isPublicIp } from './private-address.ts';

export interface KuboOptions {
  /** Like `http://127.0.0.1:5001`. */
  api: string;
  /** Value of the Authorization header, if the node requires one. */
  authorization?: string | undefined;
  /** Seconds after which one `pin/add` is cut off; the queue tries again later. Default 30. */
  patienceSeconds?: number;
}

const MAX_ANSWER_BYTES = 1 << 20;
const NOT_FOUND = /not found|could not find|deadline exceeded|timed? ?out|offline/i;

export interface KuboRpc {
  call(path: string, args: Record<string, string>, options?: CallOptions): Promise<Response>;
  /** Bytes and blocks of the graph that are on the node. */
  measure(root: CID, signal: AbortSignal): Promise<Kept>;
  /** Whether a pin of the node holds a block. */
  holds(cid: CID): Promise<boolean>;
  block(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
  addresses(): Promise<string[]>;
}

interface CallOptions {
  signal?: AbortSignal | undefined;
  upload?: AsyncIterable<Uint8Array> | undefined;
}

export function createKuboRpc({ api, authorization }: KuboOptions): KuboRpc {
  const base = new URL('api/v0/', api.endsWith('/') ? api : `${api}/`);

  const call: KuboRpc['call'] = async (path, args, { signal, upload } = {}) => {
    const url = new URL(path, base);
    for (const [name, value] of Object.entries(args)) url.searchParams.set(name, value);
    const headers = authorization === undefined ? {} : { authorization };
    const response = await request('Kubo', url, { method: 'POST', headers }, { signal, upload });
    if (response.ok) return response;
    const { Message } = parseObject(await shortText(response));
    throw new BackendFailedError(
      'Kubo',
      `"${path}" failed: ${typeof Message === 'string' ? Message : response.status}`,
    );
  };

  return {
    call,
    async measure(root, signal) {
      const response = await call('dag/stat', { arg: root.toString(), progress: 'false', offline: 'true' }, { signal });
      const { DagStats } = parseObject(lastLine(await shortText(response)));
      const [stat] = Array.isArray(DagStats) ? (DagStats as unknown[]) : [];
      const { Size, NumBlocks } = isJsonObject(stat) ? stat : {};
      if (!Number.isSafeInteger(Size) || !Number.isSafeInteger(NumBlocks)) {
        throw new BackendFailedError('Kubo', `it does not say how large ${root.toString()} is`);
      }
      return { bytes: Number(Size), blocks: Number(NumBlocks) };
    },
    async holds(cid) {
      try {
        await call('pin/ls', { arg: cid.toString(), type: 'all' });
        return true;
      } catch (error) {
        if (/not pinned/i.test(String(error))) return false;
        throw error;
      }
    },
    async block(cid, signal) {
      try {
        const response = await call('block/get', { arg: cid.toString(), offline: 'true' }, { signal });
        return await limited(response, MAX_BLOCK_BYTES);
      } catch (error) {
        throw asMissing(error, cid);
      }
    },
    async addresses() {
      const { Addresses } = parseObject(await shortText(await call('id', {})));
      return Array.isArray(Addresses) ? Addresses.filter((address) => typeof address === 'string') : [];
    },
  };
}

/** Size of a pinned graph; a graph over the limit is unpinned. @throws TooLargeError */
export async function measureKept(
  rpc: KuboRpc,
  unpin: (root: CID) => Promise<void>,
  root: CID,
  { arrive, signal }: PinTask,
): Promise<Kept> {
  const kept = await rpc.measure(root, signal);
  try {
    arrive(kept);
  } catch (error) {
    await unpin(root);
    throw error;
  }
  return kept;
}

export function createKuboBackend(options: KuboOptions): PinBackend {
  const rpc = createKuboRpc(options);
  const { patienceSeconds = 30 } = options;

  const unpin = async (root: CID) => {
    try {
      await rpc.call('pin/rm', { arg: root.toString() });
    } catch (error) {
      if (!/not pinned/i.test(String(error))) throw error;
    }
  };
  const measured = (root: CID, task: PinTask) => measureKept(rpc, unpin, root, task);

  return {
    name: 'kubo',
    // Kubo collects garbage itself.
    isUntidy: false,
    tidy: async () => undefined,
    settle: async () => undefined,
    async pin(root, task) {
      const { signal } = task;
      const origins = task.origins.filter(isPublicIp);
      await Promise.allSettled(origins.map((arg) => rpc.call('swarm/connect', { arg, timeout: '10s' }, { signal })));
      try {
        await rpc.call('pin/add', { arg: root.toString(), timeout: `${patienceSeconds}s` }, { signal });
      } catch (error) {
        throw asMissing(error, root);
      }
      return measured(root, task);
    },
    unpin,
    async take(root, blocks, task) {
      const upload = multipart(carOf(root, blocks));
      const response = await rpc.call('dag/import', { 'pin-roots': 'true' }, { signal: task.signal, upload });
      const text = await shortText(response);
      const trouble = text.match(/"PinErrorMsg":"((?:[^"\\]|\\.)+)"/)?.[1];
      if (trouble) throw new RefusedError(400, 'BAD_REQUEST', `Kubo does not pin it: ${trouble}.`);
      return measured(root, task);
    },
    holds: rpc.holds,
    block: rpc.block,
    delegates: rpc.addresses,
    dispose: async () => undefined,
  };
}

function asMissing(error: unknown, cid: CID): unknown {
  return error instanceof BackendFailedError && NOT_FOUND.test(error.message)
    ? new BlockMissingError(cid.toString(), { asked: ['the Kubo node'], cause: error })
    : error;
}

export const carOf = (root: CID, blocks: AsyncIterable<Block>): AsyncIterable<Uint8Array> => writeCar([root], blocks);

const BOUNDARY = 'payable-pinner-7MA4YWxkTrZu0gW';

export async function* multipart(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  const head =
    'Content-Disposition: form-data; name="file"; filename="graph.car"\r\nContent-Type: application/vnd.ipld.car';
  yield encoder.encode(`--${BOUNDARY}\r\n${head}\r\n\r\n`);
  yield* content;
  yield encoder.encode(`\r\n--${BOUNDARY}--\r\n`);
}

/** Sends a request with a body; if reading the body fails, that error is thrown rather than the transport's. */
export async function request(
  backend: string,
  url: URL,
  init: { method: string; headers: Record<string, string> },
  { signal, upload }: CallOptions,
): Promise<Response> {
  let failure: Error | undefined;
  async function* watched(source: AsyncIterable<Uint8Array>) {
    try {
      yield* source;
    } catch (error) {
      failure = error as Error;
      throw error;
    }
  }
  const headers = upload
    ? { ...init.headers, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
    : init.headers;
  const body = upload ? { body: ReadableStream.from(watched(upload)), duplex: 'half' } : {};
  try {
    return await fetch(url, { ...init, headers, ...body, ...(signal && { signal }), redirect: 'error' });
  } catch (cause) {
    if (failure !== undefined) throw failure;
    if (signal?.aborted) throw new AbortedError(cause);
    throw new BackendFailedError(backend, 'it cannot be reached', cause);
  }
}

async function limited(response: Response, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of response.body ?? []) {
    total += part.length;
    if (total > most) throw new BackendFailedError('The node', `it answered more than ${most} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

export const shortText = async (response: Response): Promise<string> =>
  new TextDecoder().decode(await limited(response, MAX_ANSWER_BYTES));

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

export function parseObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
