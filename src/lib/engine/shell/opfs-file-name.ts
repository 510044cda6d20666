// What a downloaded file is called in the private file storage: by its hash, so that the same bytes are the same file.

import type { FileState } from '#lib/files/download/chunk-store.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';

export const opfsFileName = ({ hash }: Pick<PinnedFile, 'hash'>, state: FileState): string =>
  `${hash.replace('sha256:', '').replace(':', '-')}.${state === 'complete' ? 'bin' : 'part'}`;
