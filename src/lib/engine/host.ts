// The only seam between the engine and a platform, passed in by the code that creates the engine.

import type { Folder, FolderRef } from '#lib/core/folder.ts';

export interface Host {
  /** Null runs the reference kernels: slow, but the same results. */
  gpu: GPU | null;
  openFolder(ref: FolderRef): Folder;
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** The moment by the wall clock, for chat templates that print a date. */
  today(): Date;
  log(line: string): void;
}
