// The last blocks that came from peers and were not stored. Peers do not send a block a second time within a few seconds, so a request that is made
// again soon, as after a pause, is answered from here; requests for a block that is on its way wait for the same one.

import type { CID } from 'multiformats/cid';

/** At most 64 MiB, usually a quarter of that or less. */
const MAX_BLOCKS = 32;

export function createRecentBlocks(take: (cid: CID) => Promise<Uint8Array>): (cid: CID) => Promise<Uint8Array> {
  const recent = new Map<string, Promise<Uint8Array>>();
  return (cid) => {
    const key = cid.toString();
    let block = recent.get(key);
    if (!block) {
      const taken = take(cid);
      block = taken;
      recent.set(key, taken);
      // The caller hears of the error; only this entry goes, not a later one for the same block.
      taken.catch(() => recent.get(key) === taken && recent.delete(key));
      if (recent.size > MAX_BLOCKS) recent.delete(recent.keys().next().value!);
    }
    return block;
  };
}
