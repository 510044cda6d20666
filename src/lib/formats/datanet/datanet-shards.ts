// Content-defined boundaries between shards of a Datanet's sorted rows: an edit moves only neighbouring boundaries, and equal
// rows give equal shards in every version. Lists too long for one block are cut the same way.

import { MAX_RAW_BYTES } from '../block/block.ts';

const LEAST = 32;
export const MOST_IN_SHARD = 1024;
/** From the 32nd row of a shard on, one row in 2^5 ends it, on average. */
const CUT_BITS = 5;
const CUT_MASK = (1 << CUT_BITS) - 1;

/** Most bytes of a shard, line ends included. */
export const MAX_SHARD_BYTES = MAX_RAW_BYTES;

/**
 * Whether a list of `count` entries ends with the entry of this hash: the last five bits are 0, or the list is full.
 */
export const endsRun = (count: number, hash: Uint8Array): boolean =>
  count >= MOST_IN_SHARD || (count >= LEAST && (hash.at(-1)! & CUT_MASK) === 0);

/** Whether a shard of `bytes` has no room for a row of `rowBytes` and its line end. */
export const isShardFull = (bytes: number, rowBytes: number): boolean => bytes + rowBytes + 1 > MAX_SHARD_BYTES;
