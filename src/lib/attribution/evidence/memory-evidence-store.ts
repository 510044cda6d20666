// Indexes kept in memory, for one run of a command and for tests.

import type { CID } from 'multiformats/cid';
import type { EvidenceStore } from './evidence-store.ts';

export interface MemoryEvidenceStore extends EvidenceStore {
  /** Bytes by id. */
  blocks: Map<string, Uint8Array>;
}

export function memoryEvidenceStore(): MemoryEvidenceStore {
  const blocks = new Map<string, Uint8Array>();
  const indexes = new Map<string, CID>();
  return {
    name: 'memory',
    blocks,
    get: async (cid) => blocks.get(cid.toString()) ?? null,
    put: async ({ cid, bytes }) => void blocks.set(cid.toString(), bytes),
    indexOf: async (version) => indexes.get(version.toString()) ?? null,
    setIndex: async (version, index) => void indexes.set(version.toString(), index),
  };
}
