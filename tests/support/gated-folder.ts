// A folder whose reads wait at a gate that the test controls and counts. It answers late or never, and ignores its signal.

import type { Folder } from '#lib/core/folder.ts';

export interface GatedFolder extends Folder {
  /** Reads begun so far. */
  readonly reads: number;
  /** Reads that wait now. */
  readonly waiting: number;
  /** Signals of reads that were stopped. */
  readonly stopped: number;
  close(): void;
  /** Releases waiting and future reads. */
  open(): void;
  /** Fails waiting reads. */
  fail(error: Error): void;
  /** Resolves when a read waits at the gate. */
  reached(): Promise<void>;
}

export function gatedFolder(folder: Folder): GatedFolder {
  let isOpen = true;
  let reads = 0;
  let stopped = 0;
  let waiting: { pass(): void; fail(error: Error): void }[] = [];
  let onReached: (() => void)[] = [];
  const take = () => {
    const all = waiting;
    waiting = [];
    return all;
  };
  return {
    name: folder.name,
    has: (path) => folder.has(path),
    size: (path) => folder.size(path),
    async read(path, start, end, signal) {
      reads++;
      signal?.addEventListener('abort', () => stopped++);
      if (!isOpen) {
        const gate = new Promise<void>((pass, fail) => waiting.push({ pass, fail }));
        for (const reached of onReached.splice(0)) reached();
        await gate;
      }
      return folder.read(path, start, end);
    },
    get reads() {
      return reads;
    },
    get waiting() {
      return waiting.length;
    },
    get stopped() {
      return stopped;
    },
    close() {
      isOpen = false;
    },
    open() {
      isOpen = true;
      for (const { pass } of take()) pass();
    },
    fail(error) {
      for (const { fail } of take()) fail(error);
    },
    reached: () =>
      waiting.length > 0 ? Promise.resolve() : new Promise((resolve) => (onReached = [...onReached, resolve])),
  };
}
