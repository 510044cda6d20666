// A folder whose files are stored under their sha256, and may turn out to be damaged.

import { createHash } from 'node:crypto';
import type { Folder } from '#lib/core/folder.ts';

export interface Stored extends Folder {
  bytesRead: number;
  /** From now on the last byte of the last file reads as another. */
  damage(): void;
}

export async function stored(folder: Folder, paths: string[]): Promise<Stored> {
  const hashes = new Map<string, string>();
  for (const path of paths) {
    const bytes = await folder.read(path, 0, await folder.size(path));
    hashes.set(path, createHash('sha256').update(bytes).digest('hex'));
  }
  const last = paths.at(-1)!;
  const end = await folder.size(last);
  let isDamaged = false;
  const made: Stored = {
    ...folder,
    bytesRead: 0,
    damage: () => void (isDamaged = true),
    storedSha256: (path) => hashes.get(path),
    async read(path, from, to, signal) {
      made.bytesRead += to - from;
      const bytes = await folder.read(path, from, to, signal);
      if (!isDamaged || path !== last || to !== end) return bytes;
      const other = bytes.slice();
      other[other.length - 1]! ^= 1;
      return other;
    },
  };
  return made;
}
