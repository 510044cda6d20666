// Training runs in this browser's private file storage: a folder for each run. A file is replaced as a whole when its last byte is
// written, so a tab that ends in the middle leaves the old one.

import type { RunFiles } from '#lib/core/run-files.ts';
import { RunFilesError } from './errors.ts';

const isMissing = (error: unknown) => (error as Error).name === 'NotFoundError';

/** `name`: a folder of its own. */
export function createOpfsRunFiles(name = 'training'): RunFiles {
  const root = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new RunFilesError(error);
    }
  };
  const orNull = (error: unknown): null => {
    if (isMissing(error)) return null;
    throw error;
  };
  return {
    list: () => guard(async () => Array.fromAsync((await root()).keys())),
    read: (run, file) =>
      guard(async () => {
        const folder = await (await root()).getDirectoryHandle(run).catch(orNull);
        const handle = await folder?.getFileHandle(file).catch(orNull);
        return handle ? new Uint8Array(await (await handle.getFile()).arrayBuffer()) : null;
      }),
    write: (run, file, bytes) =>
      guard(async () => {
        const folder = await (await root()).getDirectoryHandle(run, { create: true });
        const writable = await (await folder.getFileHandle(file, { create: true })).createWritable();
        try {
          await writable.write(bytes);
          await writable.close();
        } catch (error) {
          await writable.abort().catch(() => undefined);
          throw error;
        }
      }),
    remove: (run) => guard(async () => void (await (await root()).removeEntry(run, { recursive: true }).catch(orNull))),
  };
}
