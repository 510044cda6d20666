// The only seam between the engine and a platform, passed in by the code that creates the engine.

import type { Folder, FolderRef } from '#lib/core/folder.ts';
import type { PlaneStore } from './planes/plane-store.ts';
import type { PrefixStore } from './prefix-store.ts';

export interface Host {
  /** Null runs the reference kernels: slow, but the same results. */
  gpu: GPU | null;
  openFolder(ref: FolderRef): Folder;
  /** Where packed weights of stored models are kept; absent or null: each load packs them. */
  planes?(): Promise<PlaneStore | null>;
  /** Where computed beginnings of conversations are kept. Absent, none are. */
  prefixes?: PrefixStore;
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** The moment by the wall clock, for chat templates that print a date. */
  today(): Date;
  log(line: string): void;
}
