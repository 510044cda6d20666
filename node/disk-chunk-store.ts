// Downloads in a directory of the disk. Unfinished files and the journal lie in a folder of their own beside the complete ones, and
// every write is on the disk before it counts.

import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ChunkStore, FileState } from '#lib/files/download/chunk-store.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';
import { FileTruncatedError } from '#lib/formats/errors.ts';
import { FileError } from './errors.ts';

const OWN = '.payable-pull';

export async function createDiskChunkStore(directory: string): Promise<ChunkStore> {
  const root = resolve(directory);
  const own = join(root, OWN);
  const journal = join(own, 'journal');
  await safely(own, () => mkdir(own, { recursive: true }));

  const place = ({ path }: PinnedFile, state: FileState): string => {
    const parts = path.split('/');
    const isOutside = parts.some((part) => part === '' || part === '.' || part === '..') || /[\\:\0]/.test(path);
    if (isOutside || parts[0]!.toLowerCase() === OWN) {
      throw new FileError(path, 'this name cannot be kept in a download', 'Leave the file out.');
    }
    return state === 'complete' ? join(root, ...parts) : join(own, 'parts', `${parts.join('/')}.part`);
  };

  return {
    async size(file, state) {
      const info = await stat(place(file, state)).catch(() => null);
      return info?.isFile() ? info.size : null;
    },
    read: (file, state, start, end) =>
      safely(place(file, state), async (path) => {
        await using handle = await open(path, 'r');
        const bytes = new Uint8Array(end - start);
        for (let at = 0; at < bytes.length;) {
          const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
          if (bytesRead === 0)
            throw new FileTruncatedError(path, `the file ends at ${start + at}, byte ${end} was wanted`);
          at += bytesRead;
        }
        return bytes;
      }),
    write: (file, at, bytes) =>
      safely(place(file, 'unfinished'), async (path) => {
        await mkdir(dirname(path), { recursive: true });
        await using handle = await open(path, constants.O_RDWR | constants.O_CREAT);
        for (let done = 0; done < bytes.length;) {
          done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
        }
        await handle.datasync();
      }),
    finish: (file) =>
      safely(place(file, 'complete'), async (path) => {
        await mkdir(dirname(path), { recursive: true });
        await rename(place(file, 'unfinished'), path);
      }),
    discard: (file) => safely(place(file, 'unfinished'), (path) => rm(path, { force: true })),
    async freeBytes() {
      const { bavail, bsize } = await safely(root, (path) => statfs(path));
      return bavail * bsize;
    },
    readJournal: async () =>
      safely(journal, (path) =>
        readFile(path, 'utf8').catch((error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
          throw error;
        }),
      ),
    appendJournal: (line) =>
      safely(journal, async (path) => {
        await using handle = await open(path, 'a');
        await handle.write(line);
        await handle.datasync();
      }),
  };
}

/** Names the path and the reason where the system refuses. */
async function safely<T>(path: string, work: (path: string) => Promise<T>): Promise<T> {
  try {
    return await work(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string' || !/^E[A-Z]/.test(code)) throw error;
    throw new FileError(
      path,
      `it cannot be read or written (${code})`,
      'Check permissions and free space, then do it again.',
      error,
    );
  }
}
