// Indexes a version for search: fetches its shards, several at a time, and passes each to the search worker, which checks its rows.
// After an interruption, shards that were fetched before are read from this device.

import type { CID } from 'multiformats/cid';
import { readAhead } from '#lib/core/read-ahead.ts';
import type { Shard } from '#lib/formats/datanet/datanet-version.ts';
import { shardFile, type OpenVersion } from '#lib/dataset/version-reader.ts';
import type { Block } from '#lib/formats/block/block.ts';
import { isPaged } from '#lib/formats/datanet/paged-list.ts';
import type { RowSearcher } from '#lib/datanets/search/row-searcher.ts';

export interface Indexed {
  rows: number;
  ofRows: number;
  bytes: number;
  ofBytes: number;
}

/** Shards that are read at once, and those passed on before the first of them is indexed. More take more memory, not less time. */
const AHEAD = { shards: 8, adds: 2 };

/** Fetches the graph below a block to this device and reports each of its blocks. */
export type Bring = (root: CID, onBlock: (block: Block) => void, signal: AbortSignal) => Promise<void>;

/**
 * Yields after each shard how much is indexed. @throws as `OpenVersion.rows`, and SearchGoneError
 *
 * @example
 * import { indexRows } from '#lib/flows/index-rows.ts';
 *
 * for await (const { rows, ofRows } of indexRows({ searcher, bring }, version, { signal }))
 *   show(`${rows} of ${ofRows} rows can be searched`);
 * const { total } = await searcher.search({ words: 'hill', filters: [] }, 20);
 */
export async function* indexRows(
  { searcher, bring }: { searcher: RowSearcher; bring: Bring },
  version: OpenVersion,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<Indexed, void, void> {
  const { rows: ofRows, bytes: ofBytes, columns } = version.version.stats;
  await searcher.begin(columns.map(({ name }) => name).filter((name) => name !== 'id'));
  let bytes = 0;
  const add = ({ shard, block }: ShardBlock): Promise<number> => {
    signal.throwIfAborted();
    const { cid: _, ...entry } = shard;
    bytes += block.length;
    return searcher.add(block, entry, shardFile(version.name, shard));
  };
  for await (const rows of readAhead(shardBlocks(version, bring, signal), add, AHEAD.adds)) {
    yield { rows, ofRows, bytes, ofBytes };
  }
}

interface ShardBlock {
  shard: Shard;
  block: Uint8Array;
}

/** A long list of shards is split into pages, which are blocks; all shards of a page come in one stream. */
async function* shardBlocks(
  { version, shards, block }: OpenVersion,
  bring: Bring,
  signal: AbortSignal,
): AsyncGenerator<ShardBlock, void, undefined> {
  const read = async (shard: Shard): Promise<ShardBlock> => ({ shard, block: await block(shard.cid, signal) });
  if (!isPaged(version.shards)) {
    yield* readAhead(shards, read, AHEAD.shards);
    return;
  }
  let at = 0;
  for (const { cid, count } of version.shards.pages) {
    const brought = new Map<string, Uint8Array>();
    await bring(cid, (one) => void brought.set(one.cid.toString(), one.bytes), signal);
    for (const shard of shards.slice(at, (at += count))) {
      const key = shard.cid.toString();
      const here = brought.get(key);
      brought.delete(key);
      yield here ? { shard, block: here } : await read(shard);
    }
  }
}
