// Opens the index of a version: reads its blocks from an untrusted source, checks each against its hash and its form, and compares
// the shards that it was made of with those of the version.

import type { CID } from 'multiformats/cid';
import { toHex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { createBlockReader, type BlockSource } from '#lib/dataset/read-blocks.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import { IndexUnfinishedError, IndexUnsoundError } from './errors.ts';
import { parseIndex } from './index-block.ts';
import { parseSegment, parseSegmentHead, type SegmentHead } from './segment-blocks.ts';
import { createSegmentSearch, type SegmentSearch } from './segment-search.ts';

/** A version of a Datanet, and what answers are searched for in. */
export interface OpenEvidence {
  version: OpenVersion;
  segments: readonly SegmentSearch[];
}

export interface IndexedShards {
  /** In the order of the version's shards, from the first one on. */
  segments: readonly { cid: CID; head: SegmentHead }[];
  /** How many shards and rows they cover. */
  shards: number;
  rows: number;
}

/**
 * What an index covers, without its words. @throws BlockMissingError, HashMismatchError, FormatError, IndexUnsoundError
 *
 * @example
 * import { readIndexed } from '#lib/attribution/evidence/open-evidence.ts';
 *
 * const { rows } = await readIndexed(version, cid, source, digester, signal);
 * show(`${rows} of ${version.version.stats.rows} rows are indexed`);
 */
export async function readIndexed(
  { cid: of, shards }: Pick<OpenVersion, 'cid' | 'shards'>,
  root: CID,
  source: BlockSource,
  digester: Digester,
  signal?: AbortSignal,
): Promise<IndexedShards> {
  const { block } = createBlockReader(source, digester, signal);
  const file = `${source.name} index ${root.toString()}`;
  const index = parseIndex(await block(root), file);
  if (index.version !== toHex(of.multihash.digest)) throw new IndexUnsoundError(file, 'it was made of another version');
  const segments: { cid: CID; head: SegmentHead }[] = [];
  let [at, rows] = [0, 0];
  for (const cid of index.segments) {
    const head = parseSegmentHead(await block(cid), `${source.name} segment ${cid.toString()}`);
    const covered = shards.slice(at, (at += head.shards.length));
    const isSame = head.shards.every((digest, n) => covered[n] && toHex(covered[n].cid.multihash.digest) === digest);
    const inShards = covered.reduce((sum, shard) => sum + shard.rows, 0);
    if (!isSame || head.shards.length === 0 || head.rows !== inShards)
      throw new IndexUnsoundError(file, `segment ${segments.length} does not cover the next shards of the version`);
    segments.push({ cid, head });
    rows += head.rows;
  }
  return { segments, shards: at, rows };
}

/**
 * Opens the whole index of a version, to trace answers in. @throws as `readIndexed`, and IndexUnfinishedError
 *
 * @example
 * import { openEvidence } from '#lib/attribution/evidence/open-evidence.ts';
 *
 * const evidence = await openEvidence(version, cid, source, digester, signal);
 * show(`${evidence.segments.length} segments`);
 */
export async function openEvidence(
  version: OpenVersion,
  root: CID,
  source: BlockSource,
  digester: Digester,
  signal?: AbortSignal,
): Promise<OpenEvidence> {
  const indexed = await readIndexed(version, root, source, digester, signal);
  if (indexed.shards < version.shards.length)
    throw new IndexUnfinishedError(version.name, indexed.rows, version.version.stats.rows);
  const { block } = createBlockReader(source, digester, signal);
  const segments: SegmentSearch[] = [];
  for (const { cid, head } of indexed.segments) {
    signal?.throwIfAborted();
    const blocks: Uint8Array[] = [];
    for (const one of head.blocks) blocks.push(await block(one));
    segments.push(createSegmentSearch(parseSegment(head, blocks, `${source.name} segment ${cid.toString()}`)));
  }
  return { version, segments };
}
