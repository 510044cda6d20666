// A prefix store in memory, as a browser's: it can be looked into, damaged, and awaited.

import type { PrefixStore } from '#lib/engine/prefix-store.ts';

export interface MemoryPrefixStore extends PrefixStore {
  /** Least recently used first. */
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  /** Writes and touches so far. */
  readonly uses: number;
  /** Resolves when there were so many of them. */
  used(count: number): Promise<void>;
}

export function createMemoryPrefixStore(): MemoryPrefixStore {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const waiting: { count: number; resolve(): void }[] = [];
  let uses = 0;
  const use = (name: string, bytes: Uint8Array<ArrayBuffer>) => {
    files.delete(name);
    files.set(name, bytes);
    uses++;
    for (const { count, resolve } of waiting) if (uses >= count) resolve();
    return Promise.resolve();
  };
  return {
    files,
    get uses() {
      return uses;
    },
    used: (count) => new Promise((resolve) => (uses >= count ? resolve() : waiting.push({ count, resolve }))),
    list: () => Promise.resolve(Array.from(files, ([name, { length }]) => ({ name, bytes: length }))),
    read: (name) => Promise.resolve(files.get(name)?.slice() ?? null),
    write: use,
    touch: (name) => use(name, files.get(name)!),
    remove(name) {
      files.delete(name);
      return Promise.resolve();
    },
  };
}
