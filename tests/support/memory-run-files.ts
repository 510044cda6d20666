// Training runs in memory: what a disk keeps when a process ends.

import type { RunFiles } from '#lib/core/run-files.ts';

export interface MemoryRunFiles extends RunFiles {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
}

export function memoryRunFiles(): MemoryRunFiles {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const keyOf = (run: string, file: string) => `${run}/${file}`;
  return {
    files,
    list: () => Promise.resolve([...new Set([...files.keys()].map((key) => key.split('/')[0]!))]),
    read: (run, file) => Promise.resolve(files.get(keyOf(run, file))?.slice() ?? null),
    write: (run, file, bytes) => Promise.resolve(void files.set(keyOf(run, file), bytes.slice())),
    remove: (run) => {
      for (const key of files.keys()) if (key.startsWith(`${run}/`)) files.delete(key);
      return Promise.resolve();
    },
  };
}
