// Files and folders become UnixFS, by the one profile whose ids other implementations agree on (IPIP-499).

import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { importer, type ImporterOptions } from 'ipfs-unixfs-importer';
import type { CID } from 'multiformats/cid';
import { AbortedError } from '#lib/core/errors.ts';
import type { ByteSource } from '#lib/core/format/car.ts';
import { BadPathError, StoreFailedError } from './errors.ts';
import { splitPath } from './file-path.ts';
import type { IpfsNode } from './node.ts';
import { allOrNothing } from './undo.ts';

/** 1 MiB raw leaves, 1,024 links a node, sharded directories by the size of their block: never anything else. */
const PROFILE: ImporterOptions = { profile: 'unixfs-v1-2025', chunker: fixedSize({ chunkSize: 1 << 20 }) };

export interface AddOptions {
  signal?: AbortSignal | undefined;
  /** Bytes of content taken in so far. */
  onProgress?(bytes: number): void;
}

export interface NewFile {
  /** Relative, with "/" between its steps. */
  path: string;
  content: Uint8Array | ByteSource;
}

/** Adds one file without a name. When it fails, nothing of it stays. @throws AbortedError, StorageFullError, StoreFailedError */
export const addFile = (node: IpfsNode, content: NewFile['content'], options: AddOptions = {}): Promise<CID> =>
  add(node, [{ content: metered(content, options) }]);

/**
 * Adds a folder; the id is that of the folder itself. No file at all makes an empty folder.
 *
 * @throws BadPathError for names that reach out of the folder or come twice, and as `addFile`
 */
export async function addFolder(
  node: IpfsNode,
  files: AsyncIterable<NewFile> | Iterable<NewFile>,
  options: AddOptions = {},
): Promise<CID> {
  async function* candidates() {
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
  return add(node, candidates());
}

function add(node: IpfsNode, source: Parameters<typeof importer>[0]): Promise<CID> {
  return allOrNothing(node, async (blocks) => {
    let root: CID | undefined;
    // One file after the other: their progress is one sum.
    for await (const { cid } of importer(source, blocks, { ...PROFILE, fileImportConcurrency: 1 })) root = cid;
    if (!root) throw new StoreFailedError('made of nothing');
    return root;
  });
}

async function* metered(content: NewFile['content'], { signal, onProgress }: AddOptions) {
  let total = 0;
  for await (const piece of content instanceof Uint8Array ? [content] : content) {
    if (signal?.aborted) throw new AbortedError(signal.reason);
    yield piece;
    onProgress?.((total += piece.length));
  }
}
