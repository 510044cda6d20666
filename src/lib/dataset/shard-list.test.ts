// A list of shards in flat memory returns its entries unchanged.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toHex } from '#lib/core/bytes.ts';
import { rawCidOf } from '#lib/formats/block/block.ts';
import { createShardList, type NewShard } from './shard-list.ts';

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
const shard: fc.Arbitrary<NewShard> = fc.record({
  digest,
  rowRoot: digest,
  rows: fc.integer({ min: 1, max: 1024 }),
  bytes: fc.integer({ min: 1, max: 1 << 20 }),
  firstKey: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 256 }), fc.constant('\uFEFFkey')),
});

it('returns any number of shards in order, twice', () => {
  fc.assert(
    fc.property(fc.array(shard, { maxLength: 300, size: 'max' }), (shards) => {
      const list = createShardList();
      for (const one of shards) list.add(one);
      const wanted = shards.map(({ digest: sha256, rowRoot, ...rest }) => ({
        ...rest,
        cid: rawCidOf(sha256).toString(),
        rowRoot: toHex(rowRoot),
      }));
      const found = () => [...list].map(({ cid, ...rest }) => ({ ...rest, cid: cid.toString() }));
      expect(list.length).toBe(shards.length);
      expect(found()).toEqual(wanted);
      expect(found()).toEqual(wanted);
    }),
    { numRuns: 50 },
  );
});
