// Fetches files in chunks, a few at a time, into a store that survives a kill at any point: the next call goes on where the last
// one stopped.

import { createEventQueue } from '#lib/core/event-queue.ts';
import { NoRoomError } from '../errors.ts';
import { inLanes } from '../in-lanes.ts';
import type { FileHash, PinnedFile } from '../pinned-file.ts';
import type { ChunkStore } from './chunk-store.ts';
import { fetchFile, type FetchFileContext, type ReadRange } from './fetch-file.ts';
import { openJournal } from './journal.ts';
import { lengthOf, planDownload } from './plan-download.ts';
import { createTally, type DownloadProgress } from './tally.ts';
import { createTurnstile } from './turnstile.ts';

export type DownloadEvent =
  /** Before the first byte; `presentBytes` were fetched before. */
  | { type: 'planned'; files: number; presentBytes: number; totalBytes: number }
  | DownloadProgress
  /** The file came with wrong bytes and is fetched once more. */
  | { type: 'again'; path: string }
  /** The file is complete and checked. `hash` is that of the stored bytes. */
  | { type: 'file'; path: string; hash: FileHash };

export interface DownloadOptions {
  files: readonly PinnedFile[];
  read: ReadRange;
  store: ChunkStore;
  now(): number;
  signal: AbortSignal;
  /** Default 8 MiB. Chunks that were fetched with another size are fetched anew. */
  chunkBytes?: number | undefined;
}

const CHUNK_BYTES = 8 << 20;
/** Files under way, and chunks in memory, at a time. */
const LANES = 3;

/**
 * To pause, abort; to go on, call again with the same store.
 *
 * @throws NoRoomError, WrongBytesError, FileInTheWayError, AbortedError, and errors of `read`
 */
export async function* downloadFiles(options: DownloadOptions): AsyncGenerator<DownloadEvent, void, void> {
  const { files, read, store, now, signal, chunkBytes = CHUNK_BYTES } = options;
  const journal = await openJournal(store, chunkBytes);
  const open = await planDownload(files, store, journal, chunkBytes, signal);

  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const missingBytes = open
    .flatMap(({ file, missing }) => missing.map((chunk) => lengthOf(file, chunk, chunkBytes)))
    .reduce((sum, length) => sum + length, 0);
  const presentBytes = totalBytes - missingBytes;
  yield { type: 'planned', files: files.length, presentBytes, totalBytes };
  const freeBytes = await store.freeBytes();
  if (freeBytes !== null && freeBytes < missingBytes) throw new NoRoomError(missingBytes, freeBytes);

  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  const queue = createEventQueue<DownloadEvent>();
  const tally = createTally({ doneBytes: presentBytes, totalBytes }, now, (progress) => queue.push(progress));
  const context: FetchFileContext = {
    read,
    store,
    journal,
    chunkBytes,
    turnstile: createTurnstile(LANES),
    signal: stop.signal,
    onBytes: (bytes) => tally.add(bytes),
    onChunk: () => tally.report(),
    onAgain: (path) => queue.push({ type: 'again', path }),
  };
  const fetchOne = async (one: (typeof open)[number]) => {
    const hash = await fetchFile(context, one);
    queue.push({ type: 'file', path: one.file.path, hash });
  };
  const running = inLanes(open, LANES, fetchOne, () => stop.abort()).then(
    () => {
      tally.report();
      queue.end();
    },
    (error: unknown) => {
      // Bytes of chunks that were cut off no longer count.
      tally.report();
      queue.fail(error);
    },
  );
  try {
    yield* queue;
  } finally {
    // Nothing is written after the caller left.
    stop.abort();
    await running;
    signal.removeEventListener('abort', onAbort);
  }
}
