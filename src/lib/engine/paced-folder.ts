// A folder as a load beside the decode loop reads it: after each MiB other work of the thread gets its turn, and a read ends
// with the load even where the folder never answers. It knows reads; it does not know what they are for.

import { AbortedError, PayableError } from '#lib/core/errors.ts';
import type { Folder } from '#lib/core/folder.ts';

/** Bytes that may be computed on in one go. */
export const COMPUTE_BYTES = 1 << 20;

export function pacedFolder(folder: Folder, signal: AbortSignal, turn: () => Promise<void>): Folder {
  let unpaced = 0;
  return {
    name: folder.name,
    has: (path) => unlessStopped(signal, folder.has(path)),
    size: (path) => unlessStopped(signal, folder.size(path)),
    async read(path, start, end) {
      const bytes = await unlessStopped(signal, folder.read(path, start, end, signal));
      unpaced += bytes.byteLength;
      if (unpaced >= COMPUTE_BYTES) {
        unpaced = 0;
        await unlessStopped(signal, turn());
      }
      return bytes;
    },
    ...(folder.origins && { origins: (path: string) => folder.origins!(path) }),
  };
}

/** The error for work that the signal stopped: its reason where that is an error of ours. */
export const stoppedBy = ({ reason }: AbortSignal): PayableError =>
  reason instanceof PayableError ? reason : new AbortedError(reason);

/** The result of the work, or a rejection as soon as the signal says stop. */
export function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(stoppedBy(signal));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
