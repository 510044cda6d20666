// Fetches the missing chunks of one file and gives it its name once it has the right hash. Wrong bytes are thrown away and fetched
// once more; if they are wrong again, the file is refused.

import { AbortedError } from '#lib/core/errors.ts';
import { WrongBytesError } from '../errors.ts';
import { inLanes } from '../in-lanes.ts';
import { isHashOfBytes, type FileHash, type PinnedFile } from '../pinned-file.ts';
import type { ChunkStore } from './chunk-store.ts';
import { hashStored } from './hash-stored.ts';
import type { Journal } from './journal.ts';
import { chunksOf, lengthOf, type OpenFile } from './plan-download.ts';
import type { Turnstile } from './turnstile.ts';

/** Pieces of a file's bytes [start, end), in order. */
export type ReadRange = (
  file: PinnedFile,
  start: number,
  end: number,
  signal: AbortSignal,
) => AsyncIterable<Uint8Array>;

export interface FetchFileContext {
  read: ReadRange;
  store: ChunkStore;
  journal: Journal;
  chunkBytes: number;
  /** Bounds the chunks in memory. */
  turnstile: Turnstile;
  signal: AbortSignal;
  onBytes(bytes: number): void;
  /** A chunk is stored and noted: it need not be fetched again. */
  onChunk(): void;
  /** The file is fetched once more. */
  onAgain(path: string): void;
}

const LANES_PER_FILE = 2;

/** The hash of the stored bytes. @throws WrongBytesError, AbortedError, and errors of `read` */
export async function fetchFile(context: FetchFileContext, { file, missing }: OpenFile): Promise<FileHash> {
  const { store, journal, chunkBytes, onBytes, onAgain } = context;
  const all = chunksOf(file, chunkBytes);
  let found = await fetchChunks(context, file, missing);
  if (found instanceof WrongBytesError) {
    await startOver(context, file);
    onBytes(-file.bytes);
    onAgain(file.path);
    found = await fetchChunks(context, file, all);
    if (found instanceof WrongBytesError) {
      await startOver(context, file);
      throw found;
    }
  }
  await store.finish(file);
  await journal.done(file);
  return found;
}

async function startOver({ store, journal }: FetchFileContext, file: PinnedFile): Promise<void> {
  await journal.drop(file);
  await store.discard(file);
}

/** The hash of the stored bytes, or what is wrong with them; all bytes of the file were counted then. */
async function fetchChunks(
  context: FetchFileContext,
  file: PinnedFile,
  chunks: readonly number[],
): Promise<FileHash | WrongBytesError> {
  const { store, chunkBytes, turnstile, signal, onBytes } = context;
  let uncounted = chunks.reduce((sum, chunk) => sum + lengthOf(file, chunk, chunkBytes), 0);
  try {
    await inLanes(chunks, LANES_PER_FILE, (chunk) =>
      turnstile.pass(async () => {
        await fetchChunk(context, file, chunk);
        uncounted -= lengthOf(file, chunk, chunkBytes);
      }),
    );
    // An empty file has no chunk whose write would make it.
    if (file.bytes === 0) await store.write(file, 0, new Uint8Array());
    const found = await hashStored(store, file, 'unfinished', signal);
    if (found === file.hash || !isHashOfBytes(file)) return found;
    return new WrongBytesError(file.path, 'its hash is not the one in the list of files');
  } catch (error) {
    if (!(error instanceof WrongBytesError)) throw error;
    onBytes(uncounted);
    return error;
  }
}

async function fetchChunk(context: FetchFileContext, file: PinnedFile, chunk: number): Promise<void> {
  const { read, store, journal, chunkBytes, signal, onBytes, onChunk } = context;
  const start = chunk * chunkBytes;
  const bytes = new Uint8Array(lengthOf(file, chunk, chunkBytes));
  let at = 0;
  try {
    for await (const piece of read(file, start, start + bytes.length, signal)) {
      if (at + piece.length > bytes.length) throw new WrongBytesError(file.path, 'more bytes came than were requested');
      bytes.set(piece, at);
      at += piece.length;
      onBytes(piece.length);
    }
    if (signal.aborted) throw new AbortedError(signal.reason);
    if (at < bytes.length) throw new WrongBytesError(file.path, `${bytes.length} bytes were requested and ${at} came`);
    await store.write(file, start, bytes);
    await journal.addPart(file, chunk);
    onChunk();
  } catch (error) {
    onBytes(-at);
    throw error;
  }
}
