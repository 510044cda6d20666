// Files and folders of UnixFS, read from blocks. Sizes and names in them are untrusted.

import type { Blockstore } from 'interface-blockstore';
import { exporter, type UnixFSEntry } from 'ipfs-unixfs-exporter';
import type { CID } from 'multiformats/cid';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { TooLargeError } from './errors.ts';
import { checkName, splitPath } from './file-path.ts';

/** Where blocks are read: this device, or any other source that checks them. */
export interface ReadableBlocks {
  readonly blocks: Pick<Blockstore, 'get'>;
}

export interface ReadOptions {
  /** A file inside the folder `cid`. */
  path?: string;
  /** First byte; default 0. */
  offset?: number;
  /** Bytes to read; default all. */
  length?: number;
  /** More bytes than this are refused; default 16 GiB. */
  maxBytes?: number;
  signal?: AbortSignal | undefined;
}

export interface FolderEntry {
  name: string;
  cid: CID;
}

const MAX_ENTRIES = 1_000_000;
/** Leaves requested at once. */
const CONCURRENCY = 8;

/** The bytes of a file, piece by piece. @throws BlockMissingError, FormatError, BadPathError, TooLargeError, AbortedError */
export async function* readFile(
  node: ReadableBlocks,
  cid: CID,
  options: ReadOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const { offset = 0, length, maxBytes = 2 ** 34, signal } = options;
  const entry = await find(node, cid, options);
  if (entry.type === 'directory' || entry.type === 'object') {
    throw new FormatError(cid.toString(), 'it is no file', { hint: 'It is a folder or a record; name a file in it.' });
  }
  let total = 0;
  const range = { offset, ...(length !== undefined && { length }), ...(signal && { signal }) };
  const pieces = entry.content({ ...range, blockReadConcurrency: CONCURRENCY });
  try {
    for await (const piece of pieces) {
      total += piece.length;
      if (total > maxBytes) throw new TooLargeError(`${cid.toString()} has more than ${maxBytes} bytes`);
      yield piece;
    }
  } catch (error) {
    throw inWords(cid, error, signal);
  }
}

/** What an id, or a path in its folder, names. Sizes are those that the blocks claim. @throws as `readFile` */
export async function describeEntry(
  node: ReadableBlocks,
  cid: CID,
  options: Pick<ReadOptions, 'path' | 'signal'> = {},
): Promise<{ kind: 'file' | 'folder'; cid: CID; bytes: number }> {
  const entry = await find(node, cid, options);
  if (entry.type === 'object') throw new FormatError(cid.toString(), 'it is a record, no file or folder');
  const kind = entry.type === 'directory' ? 'folder' : 'file';
  return { kind, cid: entry.cid, bytes: Number(entry.size) };
}

/** The entries of a folder, in stored order. Names that could point outside the folder are refused. */
export async function* listFolder(
  node: ReadableBlocks,
  cid: CID,
  options: Pick<ReadOptions, 'path' | 'signal'> = {},
): AsyncGenerator<FolderEntry, void> {
  const entry = await find(node, cid, options);
  if (entry.type !== 'directory')
    throw new FormatError(cid.toString(), 'it is no folder', { hint: 'Read it as a file.' });
  let count = 0;
  try {
    for await (const { name, cid: child } of entry.entries(options.signal ? { signal: options.signal } : {})) {
      if (++count > MAX_ENTRIES) throw new TooLargeError(`${cid.toString()} has more than ${MAX_ENTRIES} entries`);
      yield { name: checkName(name), cid: child };
    }
  } catch (error) {
    throw inWords(cid, error, options.signal);
  }
}

async function find(
  node: ReadableBlocks,
  cid: CID,
  { path, signal }: Pick<ReadOptions, 'path' | 'signal'>,
): Promise<UnixFSEntry> {
  // The exporter parses steps as a URL, in which "%" and "#" have other meanings.
  const steps = path === undefined ? [] : splitPath(path);
  try {
    let entry = await exporter(cid, node.blocks, signal ? { signal } : {});
    for (const step of steps) {
      if (entry.type !== 'directory') throw new FormatError(cid.toString(), `"${step}" is in no folder`);
      const next = await childOf(entry, step, signal);
      if (!next) throw new FormatError(cid.toString(), `there is no "${step}" in it`, { hint: 'Check the path.' });
      entry = await exporter(next, node.blocks, signal ? { signal } : {});
    }
    return entry;
  } catch (error) {
    throw inWords(cid, error, signal);
  }
}

async function childOf(
  entry: Extract<UnixFSEntry, { type: 'directory' }>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<CID | undefined> {
  for await (const child of entry.entries(signal ? { signal } : {})) if (child.name === name) return child.cid;
  return undefined;
}

function inWords(cid: CID, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return new AbortedError(error);
  if (error instanceof PayableError) return error;
  return new FormatError(cid.toString(), `it is no file or folder of UnixFS: ${(error as Error).message}`, {
    cause: error,
  });
}
