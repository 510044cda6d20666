// The blockstore that every write goes through: no block is stored under an id that is not its hash. Third-party stores, importers and
// gateways do not check this. It knows no platform and no network.

import { BaseBlockstore } from 'blockstore-core';
import type { Blockstore, InputPair, Pair } from 'interface-blockstore';
import type { CID } from 'multiformats/cid';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { checkBlock, IDENTITY } from '#lib/formats/block/block.ts';
import { BlockMissingError, StorageFullError, StoreFailedError } from './errors.ts';

interface Options {
  signal?: AbortSignal;
}

/** Names and messages of the errors for a full device in browsers and file systems; wrappers keep only the message. */
const FULL = /quota|InvalidBlob|ENOSPC|EDQUOT|no space left/i;

export class CheckedBlockstore extends BaseBlockstore {
  readonly #child: Blockstore;

  constructor(child: Blockstore) {
    super();
    this.#child = child;
  }

  /** @throws HashMismatchError, FormatError, UnsupportedError, StorageFullError, StoreFailedError */
  override async put(cid: CID, value: InputPair['bytes'], options?: Options): Promise<CID> {
    const bytes = await ownBytes(value);
    await checkBlock({ cid, bytes }, 'Block to be stored');
    return this.#try('written', options, async () => this.#child.put(cid, bytes, options));
  }

  /** @throws BlockMissingError, StoreFailedError */
  override async *get(cid: CID, options?: Options): AsyncGenerator<Uint8Array, void, undefined> {
    yield await this.read(cid, options?.signal);
  }

  /** The whole block. @throws BlockMissingError, StoreFailedError */
  async read(cid: CID, signal?: AbortSignal): Promise<Uint8Array> {
    if (cid.multihash.code === IDENTITY) return cid.multihash.digest;
    const options = signal ? { signal } : {};
    return this.#try('read', options, async () => ownBytes(this.#child.get(cid, options))).catch((error: unknown) => {
      const missing = error instanceof StoreFailedError && (error.cause as Error | undefined)?.name === 'NotFoundError';
      throw missing ? new BlockMissingError(cid.toString()) : error;
    });
  }

  override async has(cid: CID, options?: Options): Promise<boolean> {
    if (cid.multihash.code === IDENTITY) return true;
    return this.#try('looked up', options, async () => this.#child.has(cid, options));
  }

  override async delete(cid: CID, options?: Options): Promise<void> {
    await this.#try('deleted', options, async () => this.#child.delete(cid, options));
  }

  override async *getAll(options?: Options): AsyncGenerator<Pair> {
    yield* this.#child.getAll(options);
  }

  async #try<T>(what: string, options: Options | undefined, act: () => Promise<T>): Promise<T> {
    if (options?.signal?.aborted) throw new AbortedError(options.signal.reason);
    try {
      return await act();
    } catch (cause) {
      if (options?.signal?.aborted) throw new AbortedError(cause);
      if (cause instanceof PayableError) throw cause;
      if (FULL.test(`${(cause as Error).name} ${(cause as Error).message}`)) throw new StorageFullError(cause);
      throw new StoreFailedError(what, cause);
    }
  }
}

/** Copies the bytes into a buffer of their own: IndexedDB stores the whole buffer behind a view, 50 MiB for each MiB of it. */
async function ownBytes(value: InputPair['bytes'] | Pair['bytes']): Promise<Uint8Array> {
  if (value instanceof Uint8Array) {
    return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value);
  }
  const parts: Uint8Array[] = [];
  for await (const part of value) parts.push(part);
  if (parts.length === 1) return ownBytes(parts[0]!);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
