// Training runs in this browser's private file storage, one folder for each. A file is replaced when its writer closes, so a page that
// ends in between leaves the old one.

import type { RunFiles } from '#lib/core/run-files.ts';
import { PayableError } from '#lib/core/errors.ts';

const ROOT = 'training-runs';

/** The browser refused to keep a file of a run. */
export class RunStorageError extends PayableError {
  constructor(what: string, cause: unknown) {
    const isFull = (cause as Error).name === 'QuotaExceededError';
    super('app/run-storage', `${what}${isFull ? ': the storage of this browser is full' : ''}.`, {
      hint: isFull ? 'Remove models, Datanets or older runs.' : 'Allow this site to keep files, and try again.',
      cause,
    });
  }
}

const isMissing = (error: unknown) => (error as Error).name === 'NotFoundError';

export function createOpfsRunFiles(name = ROOT): RunFiles {
  let opened: Promise<FileSystemDirectoryHandle> | null = null;
  const root = () =>
    (opened ??= navigator.storage.getDirectory().then((top) => top.getDirectoryHandle(name, { create: true })));
  return {
    async list() {
      const names: string[] = [];
      for await (const entry of (await root()).values()) if (entry.kind === 'directory') names.push(entry.name);
      return names;
    },
    async read(run, file) {
      try {
        const handle = await (await (await root()).getDirectoryHandle(run)).getFileHandle(file);
        return new Uint8Array(await (await handle.getFile()).arrayBuffer());
      } catch (error) {
        if (isMissing(error)) return null;
        throw new RunStorageError(`File ${file} of run ${run} cannot be read`, error);
      }
    },
    async write(run, file, bytes) {
      try {
        const folder = await (await root()).getDirectoryHandle(run, { create: true });
        const writer = await (await folder.getFileHandle(file, { create: true })).createWritable();
        try {
          await writer.write(bytes);
        } catch (error) {
          await writer.abort();
          throw error;
        }
        await writer.close();
      } catch (error) {
        throw new RunStorageError(`File ${file} of run ${run} cannot be written`, error);
      }
    },
    async remove(run) {
      try {
        await (await root()).removeEntry(run, { recursive: true });
      } catch (error) {
        if (!isMissing(error)) throw new RunStorageError(`Run ${run} cannot be removed`, error);
      }
    },
  };
}
