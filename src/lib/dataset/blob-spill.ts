// Spills sorted runs into Blobs, which browsers keep on disk when they are large. Treats the content as bytes.

import type { SpillStore } from './sort-rows.ts';

const PIECE_BYTES = 1 << 20;

export const blobSpill = (): SpillStore => ({
  async write(bytes) {
    const run = new Blob([...bytes].map((piece) => Uint8Array.from(piece)));
    return {
      async *read() {
        for (let at = 0; at < run.size; at += PIECE_BYTES) {
          yield new Uint8Array(await run.slice(at, at + PIECE_BYTES).arrayBuffer());
        }
      },
    };
  },
});
