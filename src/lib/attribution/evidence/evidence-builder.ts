// Builds the segments of an index from the bytes of shards, one after the other. Runs in a worker, or directly in tests and in Node.

import { fromHex, toHex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { DAG_CBOR, RAW } from '#lib/formats/block/block.ts';
import type { Shard } from '#lib/formats/datanet/datanet-version.ts';
import { parseShard } from '#lib/dataset/version-reader.ts';
import { createSegmentBuilder } from './segment.ts';
import { encodeSegment, MAX_SEGMENT_SHARDS } from './segment-blocks.ts';

/** A block in a form that can be posted from a worker. */
export interface BuiltBlock {
  codec: typeof RAW | typeof DAG_CBOR;
  digest: Uint8Array;
  bytes: Uint8Array;
}

/** The last block is the head of the segment. */
export type BuiltSegment = readonly BuiltBlock[];

export interface EvidenceBuilder {
  /** Forgets shards that are not in a segment yet. */
  begin(): Promise<void>;
  /** Adds the next shard after checking its bytes; returns the segment that ends with it, if one does. @throws as `parseShard` */
  add(bytes: Uint8Array, shard: Omit<Shard, 'cid'>, file: string): Promise<BuiltSegment | null>;
  /** The segment of what is left. */
  finish(): Promise<BuiltSegment | null>;
}

/** A segment ends with a shard by the hash of the shard, so that an edit of a few rows changes few segments; or when it is full. */
const LEAST_TOKENS = 1 << 21;
const FULL_TOKENS = 1 << 22;
const CUT_MASK = 0x0f;

export function createEvidenceBuilder(createDigester: () => Promise<Digester>): EvidenceBuilder {
  let digester: Digester | undefined;
  let builder = createSegmentBuilder();
  let shards: Hex[] = [];

  async function seal(): Promise<BuiltSegment> {
    digester ??= await createDigester();
    const blocks = encodeSegment(builder.seal(), shards, digester);
    shards = [];
    return blocks.map(({ cid, bytes }, at) => ({
      codec: at === blocks.length - 1 ? DAG_CBOR : RAW,
      digest: cid.multihash.digest,
      bytes,
    }));
  }
  return {
    async begin() {
      builder = createSegmentBuilder();
      shards = [];
    },
    async add(bytes, shard, file) {
      digester ??= await createDigester();
      for (const { value } of parseShard(bytes, shard, file, digester)) builder.add(value);
      shards.push(toHex(digester.sha256(bytes)));
      const { tokens } = builder;
      const isCut = tokens >= LEAST_TOKENS && (fromHex(shard.rowRoot).at(-1)! & CUT_MASK) === 0;
      return isCut || tokens >= FULL_TOKENS || shards.length === MAX_SEGMENT_SHARDS ? seal() : null;
    },
    finish: async () => (shards.length > 0 ? seal() : null),
  };
}
