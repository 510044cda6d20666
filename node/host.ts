// The engine's platform in Node: a GPU or none, directories as folders, a monotonic clock, and a log on stderr.

import type { FolderRef } from '#lib/core/folder.ts';
import type { Host } from '#lib/engine/host.ts';
import { createBlobFolder } from '#lib/files/blob-folder.ts';
import { FolderKindError } from './errors.ts';
import { openNodeFolder } from './open-folder.ts';
import { openGpu } from './gpu.ts';

export async function createNodeHost(device: 'auto' | 'reference'): Promise<Host> {
  return {
    gpu: device === 'reference' ? null : await openGpu(),
    openFolder: (ref: FolderRef) => {
      if (ref.kind === 'directory') return openNodeFolder(ref.path);
      // Files that this program made, such as an adapter in training.
      if (ref.kind === 'files') return createBlobFolder(ref.name, ref.files);
      throw new FolderKindError(ref.kind);
    },
    now: () => performance.now(),
    today: () => new Date(),
    log: (line) => process.stderr.write(`payable: ${line}\n`),
  };
}
