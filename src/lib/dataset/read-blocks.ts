// Reads blocks from an untrusted source: hashes each block before use and checks each list against its pages.

import type { CID } from 'multiformats/cid';
import type { Digester } from '#lib/core/digester.ts';
import { MAX_BLOCK_BYTES } from '#lib/formats/block/block.ts';
import { HashMismatchError } from '#lib/formats/errors.ts';
import { isPaged, parsePage, type EntryFormat, type Page, type PagedList } from '#lib/formats/datanet/paged-list.ts';
import { readAhead } from '#lib/core/read-ahead.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';

/** An untrusted source of blocks; its readers verify them. */
export interface BlockSource {
  /** Name used in errors. */
  readonly name: string;
  /** The bytes of a block, or null when the source does not have it. */
  get(cid: CID, signal?: AbortSignal): Promise<Uint8Array | null>;
}

export interface BlockReader {
  /** @throws BlockMissingError, HashMismatchError */
  block(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
  /** All entries of a list, inline or in pages. @throws FormatError too */
  listed<T>(list: PagedList<T>, format: EntryFormat<T>): Promise<readonly T[]>;
}

/** Pages of a list requested at once. */
const AHEAD = 8;

export function createBlockReader(source: BlockSource, digester: Digester, signal?: AbortSignal): BlockReader {
  const { name } = source;
  const block = async (wanted: CID, stop = signal): Promise<Uint8Array> => {
    const bytes = await source.get(wanted, stop);
    if (!bytes) throw new BlockMissingError(wanted.toString(), { file: name });
    const sound = bytes.length <= MAX_BLOCK_BYTES && isEqual(digester.sha256(bytes), wanted.multihash.digest);
    if (!sound) throw new HashMismatchError(name, wanted.toString());
    return bytes;
  };
  const listed = async <T>(list: PagedList<T>, format: EntryFormat<T>): Promise<readonly T[]> => {
    if (!isPaged(list)) return list;
    const entries: T[] = [];
    const read = async (page: Page) => ({ page, bytes: await block(page.cid) });
    for await (const { page, bytes } of readAhead(list.pages, read, AHEAD)) {
      entries.push(...parsePage(bytes, page, format, `${name} block ${page.cid.toString()}`));
    }
    return entries;
  };
  return { block, listed };
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);
