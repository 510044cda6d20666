// The hash of a file as it lies in a store, read back in pieces.

import { AbortedError } from '#lib/core/errors.ts';
import { createFileHasher, type FileHash, type PinnedFile } from '../pinned-file.ts';
import type { ChunkStore, FileState } from './chunk-store.ts';

const PIECE = 4 << 20;

/** Of the kind that the file is named with; sha256 where that is not a hash of the bytes. */
export async function hashStored(
  store: ChunkStore,
  file: PinnedFile,
  state: FileState,
  signal: AbortSignal,
): Promise<FileHash> {
  const hasher = await createFileHasher(file);
  for (let at = 0; at < file.bytes; at += PIECE) {
    if (signal.aborted) throw new AbortedError(signal.reason);
    hasher.update(await store.read(file, state, at, Math.min(file.bytes, at + PIECE)));
  }
  return hasher.digest();
}
