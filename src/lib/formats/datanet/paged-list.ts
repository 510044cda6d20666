// A list within a block: inline while it is short, otherwise in pages with content-defined boundaries, so that an edit changes
// few of them. The entries' format encodes and parses entries.

import { encode } from '@ipld/dag-cbor';
import type { CID } from 'multiformats/cid';
import type { Digester } from '#lib/core/digester.ts';
import { cborCidOf, DAG_CBOR, type Block } from '../block/block.ts';
import { decodeFields, fieldsOf, type Fields } from '../block/cbor-fields.ts';
import { endsRun, MOST_IN_SHARD } from './datanet-shards.ts';

export interface Page {
  cid: CID;
  count: number;
}

/** All entries, or their pages. */
export type PagedList<T> = readonly T[] | { readonly pages: readonly Page[] };

/** How one kind of entry is stored. */
export interface EntryFormat<T> {
  /** Most entries of an inline list. */
  inline: number;
  encode(entry: T): unknown;
  read(entry: unknown, file: string, at: string): T;
  /** The hash that decides where the list is cut. */
  hashOf(entry: T): Uint8Array;
}

const MAX_PAGES = 4096;

export const isPaged = <T>(list: PagedList<T>): list is { readonly pages: readonly Page[] } => 'pages' in list;

export const cborBlock = (value: unknown, { sha256 }: Digester): Block => {
  const bytes: Uint8Array = encode(value);
  return { cid: cborCidOf(sha256(bytes)), bytes };
};

/** Yields the blocks of the pages and returns the list for the block. Holds one page at a time. */
export function* buildPagedList<T>(
  entries: Iterable<T> & { readonly length: number },
  format: EntryFormat<T>,
  digester: Digester,
): Generator<Block, PagedList<T>, undefined> {
  if (entries.length <= format.inline) return [...entries];
  const pages: Page[] = [];
  let run: unknown[] = [];
  let taken = 0;
  for (const entry of entries) {
    run.push(format.encode(entry));
    taken++;
    if (!endsRun(run.length, format.hashOf(entry)) && taken < entries.length) continue;
    const block = cborBlock({ entries: run }, digester);
    pages.push({ cid: block.cid, count: run.length });
    yield block;
    run = [];
  }
  return { pages };
}

export const encodePagedList = <T>(list: PagedList<T>, format: EntryFormat<T>): unknown =>
  isPaged(list) ? { pages: list.pages.map(({ cid, count }) => ({ cid, count })) } : list.map(format.encode);

/** Encodes field `name` only when the list is not empty. */
export const encodeIfAny = <T>(name: string, list: PagedList<T>, format: EntryFormat<T>): Record<string, unknown> =>
  isPaged(list) || list.length > 0 ? { [name]: encodePagedList(list, format) } : {};

/** Reads a field written by `encodeIfAny`. */
export const readIfAny = <T>(fields: Fields, name: string, format: EntryFormat<T>, file: string): PagedList<T> =>
  fields.value(name) === undefined ? [] : readPagedList(fields, name, format, file);

/** Field `name` of an object of `file`. */
export function readPagedList<T>(fields: Fields, name: string, format: EntryFormat<T>, file: string): PagedList<T> {
  if (Array.isArray(fields.value(name))) {
    return fields.list(name, format.inline, (entry, at) => format.read(entry, file, at));
  }
  const pages = fieldsOf(fields.value(name), ['pages'], file, name).list('pages', MAX_PAGES, (entry, at) => {
    const page = fieldsOf(entry, ['cid', 'count'], file, at);
    return { cid: page.cid('cid', DAG_CBOR), count: page.count('count', MOST_IN_SHARD, 1) };
  });
  if (pages.reduce((sum, { count }) => sum + count, 0) <= format.inline) {
    throw fields.bad(name, `lies in pages though it has at most ${format.inline} entries`);
  }
  return { pages };
}

/** The entries in the block of one page. */
export function parsePage<T>(bytes: Uint8Array, { count }: Page, format: EntryFormat<T>, file: string): T[] {
  const fields = decodeFields(bytes, ['entries'], file);
  const entries = fields.list('entries', MOST_IN_SHARD, (entry, at) => format.read(entry, file, at));
  if (entries.length !== count)
    throw fields.bad('entries', `has ${entries.length} entries, not the ${count} it was named with`);
  return entries;
}
