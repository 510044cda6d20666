// A file that is named together with the hash of its content, and how that hash is computed.

import { createSHA1, createSHA256 } from 'hash-wasm';

/** sha256 of the content, or the id that git gives it: sha1 over a short header and the content. */
export type FileHash = `${'sha256' | 'git'}:${string}`;

export interface PinnedFile {
  path: string;
  bytes: number;
  hash: FileHash;
}

export interface FileHasher {
  update(bytes: Uint8Array): void;
  digest(): FileHash;
}

/** Computes the kind of hash that `file` is named with. */
export async function createFileHasher({ hash, bytes }: PinnedFile): Promise<FileHasher> {
  const kind = hash.startsWith('git:') ? 'git' : 'sha256';
  const hasher = kind === 'git' ? await createSHA1() : await createSHA256();
  hasher.init();
  if (kind === 'git') hasher.update(`blob ${bytes}\0`);
  return {
    update: (part) => void hasher.update(part),
    digest: () => `${kind}:${hasher.digest('hex')}`,
  };
}
