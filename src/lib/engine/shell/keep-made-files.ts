// Keeps files that were made here where downloaded ones are kept, under their hashes, so that they are opened in the same way.

import { createSHA256 } from 'hash-wasm';
import type { PinnedFile } from '#lib/files/pinned-file.ts';
import { openHubPlace, takeHubPlace } from './hub-places.ts';
import { opfsFileName } from './opfs-file-name.ts';

interface MadeFile {
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** `id` names the place, as in the ledger. @throws PlaceBusyError while another tab writes there */
export async function keepMadeFiles(id: string, files: readonly MadeFile[]): Promise<PinnedFile[]> {
  const { release } = await takeHubPlace(id);
  try {
    const folder = await openHubPlace(id);
    const kept: PinnedFile[] = [];
    for (const { path, bytes } of files) {
      const sha256 = await createSHA256();
      const file: PinnedFile = { path, bytes: bytes.length, hash: `sha256:${sha256.update(bytes).digest('hex')}` };
      const handle = await folder.getFileHandle(opfsFileName(file, 'complete'), { create: true });
      const writable = await handle.createWritable();
      try {
        await writable.write(bytes);
        await writable.close();
      } catch (error) {
        await writable.abort().catch(() => undefined);
        throw error;
      }
      kept.push(file);
    }
    return kept;
  } finally {
    release();
  }
}
