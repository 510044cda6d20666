// Evidence indexes of versions in memory: built, and opened again.

import { createDigester } from '#lib/core/digester.ts';
import { createEvidenceBuilder } from '#lib/attribution/evidence/evidence-builder.ts';
import type { EvidenceStore } from '#lib/attribution/evidence/evidence-store.ts';
import { memoryEvidenceStore } from '#lib/attribution/evidence/memory-evidence-store.ts';
import { openEvidence, type OpenEvidence } from '#lib/attribution/evidence/open-evidence.ts';
import { indexEvidence } from '#lib/flows/index-evidence.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import { digester } from './datanets.ts';

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
