// Builds the evidence index of a version: fetches its shards, passes them to the builder one by one, and keeps each segment as soon
// as it is made. After an interruption it goes on behind the last segment that was kept.

import type { CID } from 'multiformats/cid';
import { toHex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { readAhead } from '#lib/core/read-ahead.ts';
import { cborCidOf, DAG_CBOR, rawCidOf } from '#lib/formats/block/block.ts';
import type { BuiltSegment, EvidenceBuilder } from '#lib/attribution/evidence/evidence-builder.ts';
import type { EvidenceStore } from '#lib/attribution/evidence/evidence-store.ts';
import { encodeIndex } from '#lib/attribution/evidence/index-block.ts';
import { readIndexed } from '#lib/attribution/evidence/open-evidence.ts';
import { shardFile, type OpenVersion } from '#lib/dataset/version-reader.ts';

export type EvidenceIndexed =
  { type: 'indexing'; rows: number; ofRows: number } | { type: 'indexed'; index: CID; bytes: number };

export interface IndexingContext {
  builder: EvidenceBuilder;
  store: EvidenceStore;
  digester: Digester;
}

/** Shards that are read at once. */
const AHEAD = 8;

/**
 * Yields after each shard how much is indexed, and at last the id of the index and the bytes of new blocks.
 * @throws as `OpenVersion.rows`, as `readIndexed`, and BuilderGoneError
 *
 * @example
 * import { indexEvidence } from '#lib/flows/index-evidence.ts';
 *
 * for await (const event of indexEvidence(indexingContext, version, { signal })) {
 *   if (event.type === 'indexing') show(`${event.rows} of ${event.ofRows} rows`);
 *   else show(`Answers can be traced to ${version.name}`);
 * }
 */
export async function* indexEvidence(
  { builder, store, digester }: IndexingContext,
  version: OpenVersion,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<EvidenceIndexed, void, void> {
  const { rows: ofRows } = version.version.stats;
  let root = await store.indexOf(version.cid);
  const kept = root && (await readIndexed(version, root, store, digester, signal));
  const segments = kept ? kept.segments.map(({ cid }) => cid) : [];
  let rows = kept?.rows ?? 0;
  let bytes = 0;
  const keep = async (built: BuiltSegment | null): Promise<void> => {
    if (!built) return;
    let last: CID | undefined;
    for (const { codec, digest, bytes: here } of built) {
      last = codec === DAG_CBOR ? cborCidOf(digest) : rawCidOf(digest);
      await store.put({ cid: last, bytes: here });
      bytes += here.length;
    }
    if (last) segments.push(last);
    const index = encodeIndex({ version: toHex(version.cid.multihash.digest), segments }, digester);
    await store.put(index);
    await store.setIndex(version.cid, (root = index.cid));
    bytes += index.bytes.length;
  };
  await builder.begin();
  const left = version.shards.slice(kept?.shards ?? 0);
  const read = async (shard: (typeof left)[number]) => ({ shard, block: await version.block(shard.cid, signal) });
  for await (const { shard, block } of readAhead(left, read, AHEAD)) {
    signal.throwIfAborted();
    const { cid: _, ...entry } = shard;
    await keep(await builder.add(block, entry, shardFile(version.name, shard)));
    yield { type: 'indexing', rows: (rows += shard.rows), ofRows };
  }
  signal.throwIfAborted();
  await keep(await builder.finish());
  if (root) yield { type: 'indexed', index: root, bytes };
}
