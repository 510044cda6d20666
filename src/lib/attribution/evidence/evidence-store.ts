// Where indexes are kept: their blocks under their hashes, and for each version the id of its index. Types only.

import type { CID } from 'multiformats/cid';
import type { Block } from '#lib/formats/block/block.ts';
import type { BlockSource } from '#lib/dataset/read-blocks.ts';

export interface EvidenceStore extends BlockSource {
  put(block: Block): Promise<void>;
  /** The id of the index of a version, or null. */
  indexOf(version: CID): Promise<CID | null>;
  /** Replaces the one before. */
  setIndex(version: CID, index: CID): Promise<void>;
}
