/// <reference lib="webworker" />
// Runs a search in a worker, so that reading all rows of a version never blocks the page.

import { createDigester } from '#lib/core/digester.ts';
import { serve } from '#lib/core/rpc.ts';
import { createRowSearcher, type RowSearcher, type ShardEntry } from '../row-searcher.ts';

declare const self: DedicatedWorkerGlobalScope;

const searcher = createRowSearcher(createDigester);

serve(self, {
  ...searcher,
  async add(bytes: Uint8Array<ArrayBuffer>, shard: ShardEntry, file: string): Promise<number> {
    const rows = await searcher.add(bytes, shard, file);
    // Free the shard's memory now: the collector sees only the small wrappers and would let thousands of shards pile up.
    bytes.buffer.transfer(0);
    return rows;
  },
} satisfies RowSearcher);
