// The rows of each contributor of a version, as the origins of rows are proven by them. Reads all shards.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import { rowContributor } from '#lib/formats/datanet/datanet-row.ts';
import type { HolderRows } from '#lib/formats/payment/holders.ts';
import type { OpenVersion } from './version-reader.ts';

/**
 * One entry for each contributor, in the order of the version's list.
 *
 * @example
 * import { readHolderRows } from '#lib/dataset/holder-rows.ts';
 * import { createRowOrigins } from '#lib/settlement/row-origins.ts';
 *
 * const read = await readHolderRows(version, signal);
 * const origins = createRowOrigins(lineage, [{ datanet: 3n, version: 2, holders: read, sharesRoot }]);
 */
export async function readHolderRows(version: OpenVersion, signal?: AbortSignal): Promise<HolderRows[]> {
  const leaves = new Map<Hex, Hex[]>(version.contributors.map(({ address }) => [address, []]));
  for (const shard of version.shards) {
    signal?.throwIfAborted();
    for (const { value, leaf } of await version.rows(shard, signal)) {
      const who = rowContributor(value);
      if (who !== null) leaves.get(who)?.push(toHex(leaf));
    }
  }
  return [...leaves].map(([account, rowLeaves]) => ({ account, rowLeaves }));
}
