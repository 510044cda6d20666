// Downloads in this browser's private file storage, from a worker: only there a file can be written in its middle without a copy of the
// whole. Files are named by their hash, as kept files are.

import type { ChunkStore } from '#lib/files/download/chunk-store.ts';
import { FileMissingError, FileTruncatedError } from '#lib/formats/errors.ts';
import { opfsFileName } from './opfs-file-name.ts';

/** TypeScript's types do not have `move` yet. */
type MovableFile = FileSystemFileHandle & { move(name: string): Promise<void> };

const JOURNAL = 'downloads.journal';

/** `folder` belongs to one store at a time. */
export function createOpfsChunkStore(folder: FileSystemDirectoryHandle): ChunkStore {
  /** The last work on each file: a file has one handle at a time. */
  const busy = new Map<string, Promise<unknown>>();
  const inTurn = <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const turn = (busy.get(name) ?? Promise.resolve()).then(work, work);
    busy.set(name, turn);
    return turn;
  };
  const find = async (name: string, create = false): Promise<MovableFile | null> => {
    try {
      return (await folder.getFileHandle(name, { create })) as MovableFile;
    } catch (error) {
      if ((error as Error).name === 'NotFoundError') return null;
      throw error;
    }
  };
  const withHandle = <T>(name: string, create: boolean, work: (handle: FileSystemSyncAccessHandle) => T): Promise<T> =>
    inTurn(name, async () => {
      const file = await find(name, create);
      if (!file) throw new FileMissingError('The private file storage', name, 'Start the download again.');
      const handle = await file.createSyncAccessHandle();
      try {
        return work(handle);
      } finally {
        handle.close();
      }
    });
  const writeAll = (handle: FileSystemSyncAccessHandle, bytes: Uint8Array, at: number) => {
    for (let done = 0; done < bytes.length;) done += handle.write(bytes.subarray(done), { at: at + done });
    handle.flush();
  };
  const readAll = (handle: FileSystemSyncAccessHandle, name: string, start: number, end: number): Uint8Array => {
    const bytes = new Uint8Array(end - start);
    const count = handle.read(bytes, { at: start });
    if (count < bytes.length) {
      throw new FileTruncatedError(name, `the file ends at ${start + count}, byte ${end} was wanted`);
    }
    return bytes;
  };

  return {
    size: async (file, state) => {
      const found = await find(opfsFileName(file, state));
      return found && (await found.getFile()).size;
    },
    read: (file, state, start, end) => {
      const name = opfsFileName(file, state);
      return withHandle(name, false, (handle) => readAll(handle, name, start, end));
    },
    write: (file, at, bytes) =>
      withHandle(opfsFileName(file, 'unfinished'), true, (handle) => writeAll(handle, bytes, at)),
    finish: (file) =>
      inTurn(opfsFileName(file, 'unfinished'), async () => {
        await (await find(opfsFileName(file, 'unfinished')))?.move(opfsFileName(file, 'complete'));
      }),
    discard: (file) =>
      inTurn(opfsFileName(file, 'unfinished'), async () => {
        const name = opfsFileName(file, 'unfinished');
        if (await find(name)) await folder.removeEntry(name);
      }),
    async freeBytes() {
      const { quota, usage } = await navigator.storage.estimate();
      return quota === undefined ? null : Math.max(0, quota - (usage ?? 0));
    },
    readJournal: () =>
      withHandle(JOURNAL, true, (handle) => new TextDecoder().decode(readAll(handle, JOURNAL, 0, handle.getSize()))),
    appendJournal: (line) =>
      withHandle(JOURNAL, true, (handle) => writeAll(handle, new TextEncoder().encode(line), handle.getSize())),
  };
}
