// What a download has done so far, as lines of text. A line counts once its end is written, so a crash at any point leaves a
// journal that says less than was done, never more.
//
//   part <hash> <bytes of a chunk> <number of the chunk> <path>    the chunk is in the unfinished file
//   drop <hash> <path>                                             the unfinished file was thrown away
//   done <hash> <path>                                             the complete file was read back and has this hash

import type { FileHash, PinnedFile } from '../pinned-file.ts';
import type { ChunkStore } from './chunk-store.ts';

export interface Journal {
  /** Chunks in the unfinished file. */
  parts(file: PinnedFile): ReadonlySet<number>;
  /** Whether the complete file was checked. */
  isDone(file: PinnedFile): boolean;
  /** Whether a download fetched a file of this path before, with any content. */
  isOurs(path: string): boolean;
  addPart(file: PinnedFile, chunk: number): Promise<void>;
  drop(file: PinnedFile): Promise<void>;
  done(file: PinnedFile): Promise<void>;
}

const LINE =
  /^(part|drop|done) ((?:sha256|git|web):[0-9a-f]{40,64}|cid:[a-z2-7]{8,250})(?: (\d{1,12}) (\d{1,12}))? (\S.*)$/;

export async function openJournal(store: ChunkStore, chunkBytes: number): Promise<Journal> {
  const text = await store.readJournal();
  const parts = new Map<string, Set<number>>();
  const done = new Map<string, FileHash>();
  const paths = new Set<string>();
  const keyOf = ({ hash, path }: PinnedFile) => `${hash} ${path}`;
  const partsOf = (key: string) => {
    let found = parts.get(key);
    if (!found) parts.set(key, (found = new Set()));
    return found;
  };
  // What follows the last line end was cut off.
  for (const line of text.split('\n').slice(0, -1)) {
    const [, word, hash = '', size, chunk, path = ''] = LINE.exec(line) ?? [];
    const key = `${hash} ${path}`;
    if (word !== undefined) paths.add(path);
    if (word === 'part' && Number(size) === chunkBytes) partsOf(key).add(Number(chunk));
    if (word === 'drop') parts.delete(key);
    if (word === 'done') {
      parts.delete(key);
      done.set(path, hash as FileHash);
    }
  }
  const append = (line: string) => store.appendJournal(`${line}\n`);
  // Makes a line that was cut off one that does not count.
  if (text !== '' && !text.endsWith('\n')) await store.appendJournal('\0\n');

  return {
    parts: (file) => partsOf(keyOf(file)),
    isDone: ({ path, hash }) => done.get(path) === hash,
    isOurs: (path) => paths.has(path),
    async addPart(file, chunk) {
      await append(`part ${file.hash} ${chunkBytes} ${chunk} ${file.path}`);
      partsOf(keyOf(file)).add(chunk);
    },
    async drop(file) {
      await append(`drop ${keyOf(file)}`);
      parts.delete(keyOf(file));
    },
    async done(file) {
      await append(`done ${keyOf(file)}`);
      parts.delete(keyOf(file));
      done.set(file.path, file.hash);
    },
  };
}
