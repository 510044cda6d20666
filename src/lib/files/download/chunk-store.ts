// Where a download is written: complete files, unfinished ones beside them, and a journal. A platform implements it.

import type { PinnedFile } from '../pinned-file.ts';

export type FileState = 'complete' | 'unfinished';

export interface ChunkStore {
  /** Bytes of the file in that state; null where there is none. */
  size(file: PinnedFile, state: FileState): Promise<number | null>;
  read(file: PinnedFile, state: FileState, start: number, end: number): Promise<Uint8Array>;
  /** Into the unfinished file. When it resolves, the bytes survive a crash. */
  write(file: PinnedFile, at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The unfinished file becomes the complete one, in one step. */
  finish(file: PinnedFile): Promise<void>;
  /** Removes the unfinished file, if there is one. */
  discard(file: PinnedFile): Promise<void>;
  /** Bytes that can still be written; null where the platform does not say. */
  freeBytes(): Promise<number | null>;
  /** The journal as far as it was written; empty without one. */
  readJournal(): Promise<string>;
  /** When it resolves, the line survives a crash. */
  appendJournal(line: string): Promise<void>;
}
