// The engine's platform in Node: a GPU or none, directories as folders, a monotonic clock, and a log on stderr.

import type { FolderRef } from '#lib/core/folder.ts';
import type { Host } from '#lib/engine/host.ts';
import { UsageError } from './errors.ts';
import { createNodeFolder } from './node-folder.ts';
import { openGpu } from './node-gpu.ts';

export async function createNodeHost(device: 'auto' | 'reference'): Promise<Host> {
  return {
    gpu: device === 'reference' ? null : await openGpu(),
    openFolder: (ref: FolderRef) => {
      if (ref.kind === 'directory') return createNodeFolder(ref.path);
      throw new UsageError(
        `The command line opens directories, not a ${ref.kind}.`,
        'Download the files and name their directory.',
      );
    },
    now: () => performance.now(),
    today: () => new Date(),
    log: (line) => process.stderr.write(`payable: ${line}\n`),
  };
}
