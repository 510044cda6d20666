// Training runs in a directory: one folder for each. Files are replaced atomically.

import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunFiles } from '#lib/core/run-files.ts';
import { FileError } from './errors.ts';
import { replaceFile } from './replace-file.ts';

export function createDiskRunFiles(root: string): RunFiles {
  const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';
  const unreadable = (path: string, cause: unknown) =>
    new FileError(path, 'it cannot be read', 'Check its permissions.', cause);
  return {
    async list() {
      const entries = await readdir(root, { withFileTypes: true }).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw unreadable(root, error);
      });
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    },
    async read(run, file) {
      const path = join(root, run, file);
      try {
        return new Uint8Array(await readFile(path));
      } catch (error) {
        if (isMissing(error)) return null;
        throw unreadable(path, error);
      }
    },
    async write(run, file, bytes) {
      const folder = join(root, run);
      await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
        throw new FileError(folder, 'the directory cannot be made', 'Check permissions and free space.', cause);
      });
      await replaceFile(join(folder, file), [bytes]);
    },
    remove: (run) => rm(join(root, run), { recursive: true, force: true }),
  };
}
