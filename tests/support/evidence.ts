// Evidence indexes in memory: a store of blocks, and versions that are packed, indexed and opened.

import { createDigester } from '#lib/core/digester.ts';
import type { Block, CID } from '#lib/formats/block/block.ts';
import { createEvidenceBuilder } from '#lib/attribution/evidence/evidence-builder.ts';
import type { EvidenceStore } from '#lib/attribution/evidence/evidence-store.ts';
import { openEvidence, type OpenEvidence } from '#lib/attribution/evidence/open-evidence.ts';
import { indexEvidence } from '#lib/flows/index-evidence.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import { digester } from './datanets.ts';

export interface MemoryEvidenceStore extends EvidenceStore {
  blocks: Map<string, Uint8Array>;
}

export function memoryEvidenceStore(): MemoryEvidenceStore {
  const blocks = new Map<string, Uint8Array>();
  const roots = new Map<string, CID>();
  return {
    name: 'memory',
    blocks,
    get: async (cid) => blocks.get(cid.toString()) ?? null,
    put: async ({ cid, bytes }: Block) => void blocks.set(cid.toString(), bytes),
    indexOf: async (version) => roots.get(version.toString()) ?? null,
    setIndex: async (version, index) => void roots.set(version.toString(), index),
  };
}

/** The whole index of a version, built and read again. */
export async function indexed(
  version: OpenVersion,
  store: EvidenceStore = memoryEvidenceStore(),
): Promise<OpenEvidence> {
  const context = { builder: createEvidenceBuilder(createDigester), store, digester };
  const { signal } = new AbortController();
  for await (const event of indexEvidence(context, version, { signal }))
    if (event.type === 'indexed') return openEvidence(version, event.index, store, digester, signal);
  throw new Error('the index did not end');
}
