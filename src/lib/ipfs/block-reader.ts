// Blocks for reading files by ranges from places besides this device, without storing them. Blocks that lead to others are kept at hand, since
// every range begins at the root of its file; so are the last blocks of data, since the border of two ranges may lie within one.

import type { CID } from 'multiformats/cid';
import { DAG_PB, IDENTITY } from '#lib/formats/block/block.ts';
import type { ReadableBlocks } from './read-files.ts';

/** A node of a thousand links has 50 KiB; what is larger holds data. */
const MAX_NODE_BYTES = 128 << 10;
const MAX_NODES = 128;
const MAX_DATA = 8;

type Blocks = Map<string, Promise<Uint8Array>>;

/** `take` gives a block whose hash it has checked. */
export function createBlockReader(take: (cid: CID, signal?: AbortSignal) => Promise<Uint8Array>): ReadableBlocks {
  // The one that was used longest ago is first.
  const nodes: Blocks = new Map();
  const data: Blocks = new Map();
  const keep = (blocks: Blocks, most: number, key: string, bytes: Promise<Uint8Array>) => {
    blocks.delete(key);
    blocks.set(key, bytes);
    if (blocks.size > most) blocks.delete(blocks.keys().next().value!);
  };
  const read = async (cid: CID, signal?: AbortSignal): Promise<Uint8Array> => {
    if (cid.multihash.code === IDENTITY) return cid.multihash.digest;
    const key = cid.toString();
    const known = nodes.get(key) ?? data.get(key) ?? take(cid, signal);
    keep(data, MAX_DATA, key, known);
    try {
      const bytes = await known;
      if (cid.code === DAG_PB && bytes.length <= MAX_NODE_BYTES) {
        data.delete(key);
        keep(nodes, MAX_NODES, key, known);
      }
      return bytes;
    } catch (error) {
      data.delete(key);
      throw error;
    }
  };
  return {
    blocks: {
      async *get(cid, options) {
        yield await read(cid, options?.signal);
      },
    },
  };
}
