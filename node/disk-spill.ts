// Spills sorted runs of rows to a folder in the system's temporary directory, and removes it.

import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpillStore } from '#lib/dataset/sort-rows.ts';
import { FileError } from './errors.ts';

const PIECE = 1 << 20;

export interface DiskSpill extends SpillStore {
  /** Removes all spilled files. */
  clear(): Promise<void>;
}

export function createDiskSpill(): DiskSpill {
  let folder: string | undefined;
  let runs = 0;
  return {
    async write(bytes) {
      folder ??= await mkdtemp(join(tmpdir(), 'payable-sort-'));
      const path = join(folder, String(runs++));
      try {
        await writeAll(path, bytes);
      } catch (cause) {
        const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
        throw new FileError(path, `rows cannot be set aside (${code})`, 'Free some space, or set TMPDIR.', cause);
      }
      return { read: () => createReadStream(path, { highWaterMark: PIECE }) };
    },
    async clear() {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Written in pieces of about a megabyte: rows are small, and each write has a fixed cost. */
async function writeAll(path: string, bytes: Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    const buffer = new Uint8Array(2 * PIECE);
    let used = 0;
    for (const piece of bytes) {
      if (used + piece.length > buffer.length) {
        await file.write(buffer, 0, used);
        used = 0;
      }
      buffer.set(piece, used);
      used += piece.length;
    }
    await file.write(buffer, 0, used);
  } finally {
    await file.close();
  }
}
