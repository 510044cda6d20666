// A store of downloads in memory that can be killed: from one operation on nothing is stored any more, and that operation is
// stored in part, as when a process ends in the middle of a write.

import type { ChunkStore, FileState } from '#lib/files/download/chunk-store.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';

export interface Disk {
  complete: Map<string, Uint8Array>;
  unfinished: Map<string, Uint8Array>;
  journal: string;
}

export const createDisk = (): Disk => ({ complete: new Map(), unfinished: new Map(), journal: '' });

export interface KilledStore extends ChunkStore {
  /** Operations that changed the disk. */
  readonly changes: number;
  /** Resolves when the store was killed. */
  readonly killed: Promise<void>;
}

/** `killAt` is the change that is only half made; the last thing that happens to the disk. */
export function createMemoryChunkStore(
  disk: Disk,
  { killAt = Infinity, freeBytes = null as number | null } = {},
): KilledStore {
  let changes = 0;
  let kill: () => void = () => undefined;
  const killed = new Promise<void>((resolve) => (kill = resolve));
  /** Makes the change whole, in part, or never. A killed process does not come back, so its promise stays pending. */
  const change = async (make: (share: number) => void): Promise<void> => {
    changes++;
    if (changes < killAt) return make(1);
    if (changes === killAt) make(0.5);
    kill();
    await new Promise(() => undefined);
  };
  const bytesOf = ({ path }: PinnedFile, state: FileState) => disk[state].get(path);
  return {
    get changes() {
      return changes;
    },
    killed,
    size: (file, state) => Promise.resolve(bytesOf(file, state)?.length ?? null),
    read: async (file, state, start, end) => bytesOf(file, state)!.subarray(start, end),
    write: (file, at, bytes) =>
      change((share) => {
        const part = bytes.subarray(0, Math.floor(bytes.length * share));
        const before = disk.unfinished.get(file.path) ?? new Uint8Array();
        const after = before.length >= at + part.length ? before : grown(before, at + part.length);
        after.set(part, at);
        disk.unfinished.set(file.path, after);
      }),
    finish: (file) =>
      change((share) => {
        if (share < 1) return;
        disk.complete.set(file.path, disk.unfinished.get(file.path)!);
        disk.unfinished.delete(file.path);
      }),
    discard: (file) => change((share) => void (share === 1 && disk.unfinished.delete(file.path))),
    freeBytes: () => Promise.resolve(freeBytes),
    readJournal: () => Promise.resolve(disk.journal),
    appendJournal: (line) => change((share) => void (disk.journal += line.slice(0, Math.ceil(line.length * share)))),
  };
}

function grown(bytes: Uint8Array, length: number): Uint8Array {
  const longer = new Uint8Array(length);
  longer.set(bytes);
  return longer;
}
