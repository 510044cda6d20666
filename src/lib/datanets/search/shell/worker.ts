/// <reference lib="webworker" />
// A search's home in a browser: a worker, so that reading all rows of a version never holds up the page.

import { createDigester } from '#lib/core/digester.ts';
import { serve } from '#lib/core/rpc.ts';
import { createRowSearcher, type RowSearcher, type ShardEntry } from '../row-searcher.ts';

declare const self: DedicatedWorkerGlobalScope;

const searcher = createRowSearcher(createDigester);

serve(self, {
  ...searcher,
  async add(bytes: Uint8Array<ArrayBuffer>, shard: ShardEntry, file: string): Promise<number> {
    const rows = await searcher.add(bytes, shard, file);
    // Else the memory of thousands of shards waits for the collector, which sees how little of its own they are.
    bytes.buffer.transfer(0);
    return rows;
  },
} satisfies RowSearcher);
