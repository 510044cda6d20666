// Computed beginnings of conversations in this browser's private file storage, from a worker. A file's time says when it was used last.

import type { PrefixStore } from '../prefix-store.ts';

/** `name`: a folder of its own. */
export function createOpfsPrefixStore(name = 'prefixes'): PrefixStore {
  let opened: Promise<FileSystemDirectoryHandle> | null = null;
  const folder = () =>
    (opened ??= navigator.storage.getDirectory().then((root) => root.getDirectoryHandle(name, { create: true })));
  /** Null where the file is missing or open in another tab. */
  const withFile = async <T>(file: string, create: boolean, work: (handle: FileSystemSyncAccessHandle) => T) => {
    let handle: FileSystemSyncAccessHandle;
    try {
      handle = await (await (await folder()).getFileHandle(file, { create })).createSyncAccessHandle();
    } catch (error) {
      if (['NotFoundError', 'NoModificationAllowedError'].includes((error as Error).name)) return null;
      throw error;
    }
    try {
      return work(handle);
    } finally {
      handle.close();
    }
  };
  return {
    async list() {
      const files: File[] = [];
      for await (const entry of (await folder()).values()) {
        if (entry.kind === 'file') files.push(await (entry as FileSystemFileHandle).getFile());
      }
      files.sort((a, b) => a.lastModified - b.lastModified);
      return files.map((file) => ({ name: file.name, bytes: file.size }));
    },
    read: (file) =>
      withFile(file, false, (handle) => {
        const bytes = new Uint8Array(handle.getSize());
        return bytes.subarray(0, handle.read(bytes, { at: 0 }));
      }),
    async write(file, bytes) {
      await withFile(file, true, (handle) => {
        handle.truncate(0);
        for (let done = 0; done < bytes.length;) done += handle.write(bytes.subarray(done), { at: done });
        handle.flush();
      });
    },
    async touch(file) {
      await withFile(file, false, (handle) => {
        const first = new Uint8Array(1);
        handle.read(first, { at: 0 });
        handle.write(first, { at: 0 });
        handle.flush();
      });
    },
    async remove(file) {
      await (await folder()).removeEntry(file).catch((error: unknown) => {
        if ((error as Error).name !== 'NotFoundError') throw error;
      });
    },
  };
}
