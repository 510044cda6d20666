// What a download still has to do: which files are complete and right, and which chunks of the others are missing.

import { AbortedError } from '#lib/core/errors.ts';
import { FileInTheWayError } from '../errors.ts';
import { isHashOfBytes, type PinnedFile } from '../pinned-file.ts';
import type { ChunkStore } from './chunk-store.ts';
import { hashStored } from './hash-stored.ts';
import type { Journal } from './journal.ts';

export interface OpenFile {
  file: PinnedFile;
  /** Numbers of the chunks that are not in the unfinished file, in order. */
  missing: number[];
}

export const chunksOf = ({ bytes }: PinnedFile, chunkBytes: number): number[] =>
  Array.from({ length: Math.ceil(bytes / chunkBytes) }, (_, chunk) => chunk);

/** Bytes of one chunk; the last one of a file is shorter. */
export const lengthOf = ({ bytes }: PinnedFile, chunk: number, chunkBytes: number): number =>
  Math.min(chunkBytes, bytes - chunk * chunkBytes);

/** The files that are not complete. @throws FileInTheWayError, AbortedError */
export async function planDownload(
  files: readonly PinnedFile[],
  store: ChunkStore,
  journal: Journal,
  chunkBytes: number,
  signal: AbortSignal,
): Promise<OpenFile[]> {
  const open: OpenFile[] = [];
  for (const file of files) {
    if (signal.aborted) throw new AbortedError(signal.reason);
    const { path, bytes } = file;
    const complete = await store.size(file, 'complete');
    if (complete === bytes) {
      if (journal.isDone(file)) continue;
      // A crash between naming a file and noting it, or a file that came here in another way.
      if (isHashOfBytes(file) && (await hashStored(store, file, 'complete', signal)) === file.hash) {
        await journal.done(file);
        continue;
      }
    }
    if (complete !== null && !journal.isOurs(path)) throw new FileInTheWayError(path);
    open.push({ file, missing: await missingChunks(file, store, journal, chunkBytes) });
  }
  return open;
}

/** All chunks where the unfinished file is shorter than the journal says. */
async function missingChunks(
  file: PinnedFile,
  store: ChunkStore,
  journal: Journal,
  chunkBytes: number,
): Promise<number[]> {
  const all = chunksOf(file, chunkBytes);
  const parts = journal.parts(file);
  if (parts.size === 0) return all;
  const present = all.filter((chunk) => parts.has(chunk));
  const needed = Math.min(file.bytes, ((present.at(-1) ?? -1) + 1) * chunkBytes);
  if (((await store.size(file, 'unfinished')) ?? 0) >= needed) return all.filter((chunk) => !parts.has(chunk));
  await journal.drop(file);
  return all;
}
