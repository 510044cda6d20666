// The shards of a version being packed, in flat memory: about a hundred bytes each, where objects would take three thousand.
// Entries are decoded on access.
//
//   sha256 [32], row root [32], u32 rows, u32 bytes, u32 end of its key among all keys

import { toHex } from '#lib/core/bytes.ts';
import { rawCidOf } from '#lib/formats/block/block.ts';
import type { Shard } from '#lib/formats/datanet/datanet-version.ts';

export interface NewShard extends Pick<Shard, 'rows' | 'bytes' | 'firstKey'> {
  /** sha256 of the shard's bytes. */
  digest: Uint8Array;
  rowRoot: Uint8Array;
}

/** In insertion order; can be iterated more than once. */
export interface ShardList extends Iterable<Shard> {
  readonly length: number;
  add(shard: NewShard): void;
}

const ENTRY = 76;
const [ROOT, ROWS, BYTES, KEY_END] = [32, 64, 68, 72];

export function createShardList(): ShardList {
  let entries = new Uint8Array(64 * ENTRY);
  let keys = new Uint8Array(64 * 32);
  let keysEnd = 0;
  let length = 0;
  const viewOf = (at: number): DataView => new DataView(entries.buffer, at * ENTRY, ENTRY);
  return {
    get length() {
      return length;
    },
    add({ digest, rowRoot, rows, bytes, firstKey }) {
      const key = new TextEncoder().encode(firstKey);
      entries = withRoom(entries, (length + 1) * ENTRY);
      keys = withRoom(keys, keysEnd + key.length);
      keys.set(key, keysEnd);
      keysEnd += key.length;
      entries.set(digest, length * ENTRY);
      entries.set(rowRoot, length * ENTRY + ROOT);
      const view = viewOf(length++);
      view.setUint32(ROWS, rows);
      view.setUint32(BYTES, bytes);
      view.setUint32(KEY_END, keysEnd);
    },
    *[Symbol.iterator]() {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      let keyStart = 0;
      for (let at = 0; at < length; at++) {
        const view = viewOf(at);
        const digest = entries.slice(at * ENTRY, at * ENTRY + ROOT);
        const rowRoot = entries.subarray(at * ENTRY + ROOT, at * ENTRY + ROWS);
        const keyEnd = view.getUint32(KEY_END);
        yield {
          cid: rawCidOf(digest),
          rows: view.getUint32(ROWS),
          bytes: view.getUint32(BYTES),
          firstKey: decoder.decode(keys.subarray(keyStart, keyEnd)),
          rowRoot: toHex(rowRoot),
        };
        keyStart = keyEnd;
      }
    },
  };
}

function withRoom(bytes: Uint8Array<ArrayBuffer>, wanted: number): Uint8Array<ArrayBuffer> {
  if (wanted <= bytes.length) return bytes;
  const larger = new Uint8Array(Math.max(wanted, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}
