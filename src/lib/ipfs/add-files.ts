// Files and folders become UnixFS, by the one profile whose ids other implementations agree on (IPIP-499).

import { BaseBlockstore, BlackHoleBlockstore } from 'blockstore-core';
import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { importer, type ImporterOptions } from 'ipfs-unixfs-importer';
import type { CID } from 'multiformats/cid';
import type { Blockstore, InputPair } from 'interface-blockstore';
import { AbortedError } from '#lib/core/errors.ts';
import type { Block } from '#lib/formats/block/block.ts';
import type { ByteSource } from '#lib/formats/block/car.ts';
import { BadPathError, StoreFailedError } from './errors.ts';
import { splitPath } from './file-path.ts';
import type { IpfsNode } from './node.ts';
import { allOrNothing } from './undo.ts';

/** 1 MiB raw leaves, 1,024 links per node, directories sharded by the size of their block. */
const PROFILE: ImporterOptions = { profile: 'unixfs-v1-2025', chunker: fixedSize({ chunkSize: 1 << 20 }) };

type Source = Parameters<typeof importer>[0];

export interface AddOptions {
  signal?: AbortSignal | undefined;
  /** Bytes of content read so far. */
  onProgress?(bytes: number): void;
}

export interface NewFile {
  /** Relative, with "/" between its steps. */
  path: string;
  content: Uint8Array | ByteSource;
}

type NewFiles = AsyncIterable<NewFile> | Iterable<NewFile>;

/** Adds one file without a name. On failure nothing of it remains. @throws AbortedError, StorageFullError, StoreFailedError */
export const addFile = (node: IpfsNode, content: NewFile['content'], options: AddOptions = {}): Promise<CID> =>
  add(node, [{ content: metered(content, options) }]);

/** The id that a file of these bytes has. Nothing is stored. */
export const idOfFile = (content: Uint8Array): Promise<CID> =>
  importInto(new BlackHoleBlockstore(), [{ content: [content] }]);

/** Writes the blocks of one file into `blocks`; the caller undoes them on failure. */
export const writeFile = (blocks: Blockstore, content: Uint8Array): Promise<CID> =>
  importInto(blocks, [{ content: [content] }]);

/**
 * Adds a folder and returns its id. Without files the folder is empty.
 *
 * @throws BadPathError for names that point outside the folder or occur twice, and as `addFile`
 */
export const addFolder = (node: IpfsNode, files: NewFiles, options: AddOptions = {}): Promise<CID> =>
  add(node, candidates(files, options));

/** The blocks of such a folder as they are made, the folder's own last; one file is in memory at a time. @throws BadPathError, AbortedError */
export async function* folderBlocks(files: NewFiles, options: AddOptions = {}): AsyncGenerator<Block, void, undefined> {
  const made: Block[] = [];
  const store = new Collecting(made);
  for await (const _ of importer(candidates(files, options), store, { ...PROFILE, fileImportConcurrency: 1 })) {
    yield* made.splice(0);
  }
  yield* made;
}

class Collecting extends BaseBlockstore {
  readonly #made: Block[];
  constructor(made: Block[]) {
    super();
    this.#made = made;
  }
  override put(cid: CID, bytes: InputPair['bytes']): CID {
    if (!(bytes instanceof Uint8Array)) throw new StoreFailedError('made of pieces');
    this.#made.push({ cid, bytes });
    return cid;
  }
}

async function* candidates(files: NewFiles, options: AddOptions) {
  const seen = new Set<string>();
  let total = 0;
  for await (const { path, content } of files) {
    const clean = splitPath(path).join('/');
    if (seen.has(clean)) throw new BadPathError(path, 'is there twice');
    seen.add(clean);
    const before = total;
    const onProgress = (bytes: number) => options.onProgress?.((total = before + bytes));
    yield { path: `folder/${clean}`, content: metered(content, { ...options, onProgress }) };
  }
  if (seen.size === 0) yield { path: 'folder' };
}

const add = (node: IpfsNode, source: Source): Promise<CID> =>
  allOrNothing(node, (blocks) => importInto(blocks, source));

async function importInto(blocks: Blockstore, source: Source): Promise<CID> {
  let root: CID | undefined;
  // One file after the other, since progress is one sum.
  for await (const { cid } of importer(source, blocks, { ...PROFILE, fileImportConcurrency: 1 })) root = cid;
  if (!root) throw new StoreFailedError('made of nothing');
  return root;
}

async function* metered(content: NewFile['content'], { signal, onProgress }: AddOptions) {
  let total = 0;
  for await (const piece of content instanceof Uint8Array ? [content] : content) {
    if (signal?.aborted) throw new AbortedError(signal.reason);
    yield piece;
    onProgress?.((total += piece.length));
  }
}
