// A file that is named together with what says that its content is right, and how a hash of its content is computed.

import { createSHA1, createSHA256 } from 'hash-wasm';

/**
 * sha256 of the content, or the id that git gives it: sha1 over a short header and the content. `cid` is the content id of a file of IPFS,
 * whose blocks are hashed as they arrive. `web` is a hash over an address and what its server says of the file; nothing is known of the content.
 */
export type FileHash = `${'sha256' | 'git' | 'cid' | 'web'}:${string}`;

/** Whether the hash can be computed again from the bytes of the file alone. */
export const isHashOfBytes = ({ hash }: Pick<PinnedFile, 'hash'>): boolean => /^(?:sha256|git):/.test(hash);

export interface PinnedFile {
  path: string;
  bytes: number;
  hash: FileHash;
}

export interface FileHasher {
  update(bytes: Uint8Array): void;
  digest(): FileHash;
}

/** Computes the kind of hash that `file` is named with; sha256 where that is not a hash of the bytes. */
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
