// Computed beginnings of conversations in this browser's private file storage, from a worker. Each file begins with the time of its
// last use: the times that the storage itself gives are too coarse to order files by.

import type { PrefixStore } from '../prefix-store.ts';

/** Of a file that is missing, or open in another tab. */
const ABSENT: ReadonlySet<string> = new Set(['NotFoundError', 'NoModificationAllowedError']);
const TIME_BYTES = 8;

/** `name`: a folder of its own. */
export function createOpfsPrefixStore(name = 'prefixes'): PrefixStore {
  let opened: Promise<FileSystemDirectoryHandle> | null = null;
  let lastTime = 0;
  const folder = () =>
    (opened ??= navigator.storage.getDirectory().then((root) => root.getDirectoryHandle(name, { create: true })));
  /** Null where the file is absent. */
  const withFile = async <T>(file: string, create: boolean, work: (handle: FileSystemSyncAccessHandle) => T) => {
    let handle: FileSystemSyncAccessHandle;
    try {
      handle = await (await (await folder()).getFileHandle(file, { create })).createSyncAccessHandle();
    } catch (error) {
      if (ABSENT.has((error as Error).name)) return null;
      throw error;
    }
    try {
      return work(handle);
    } finally {
      handle.close();
    }
  };
  const writeAt = (handle: FileSystemSyncAccessHandle, bytes: Uint8Array, at: number) => {
    for (let done = 0; done < bytes.length;) done += handle.write(bytes.subarray(done), { at: at + done });
  };
  /** Later than any before it, also within a millisecond. */
  const stamp = (handle: FileSystemSyncAccessHandle) => {
    lastTime = Math.max(Date.now(), lastTime + 1);
    writeAt(handle, new Uint8Array(Float64Array.of(lastTime).buffer), 0);
    handle.flush();
  };
  const describe = async (handle: FileSystemFileHandle) => {
    const file = await handle.getFile();
    const time = await file.slice(0, TIME_BYTES).arrayBuffer();
    const usedAt = time.byteLength < TIME_BYTES ? 0 : new Float64Array(time)[0]! || 0;
    return { name: file.name, bytes: file.size, usedAt };
  };

  return {
    async list() {
      const handles: FileSystemFileHandle[] = [];
      for await (const entry of (await folder()).values()) if (entry.kind === 'file') handles.push(entry);
      const files = await Promise.all(handles.map(describe));
      return files.sort((a, b) => a.usedAt - b.usedAt);
    },
    read: (file) =>
      withFile(file, false, (handle) => {
        const bytes = new Uint8Array(Math.max(0, handle.getSize() - TIME_BYTES));
        return bytes.subarray(0, handle.read(bytes, { at: TIME_BYTES }));
      }),
    async write(file, bytes) {
      await withFile(file, true, (handle) => {
        handle.truncate(0);
        writeAt(handle, bytes, TIME_BYTES);
        stamp(handle);
      });
    },
    async touch(file) {
      await withFile(file, false, stamp);
    },
    async remove(file) {
      await (await folder()).removeEntry(file).catch((error: unknown) => {
        if (!ABSENT.has((error as Error).name)) throw error;
      });
    },
  };
}
