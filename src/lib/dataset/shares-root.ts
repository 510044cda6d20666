// The Merkle-sum root over each contributor's number of rows in a version, published with it.

import type { Hex } from '#lib/core/bytes.ts';
import { accountLeaf } from '#lib/formats/payment/epoch-leaves.ts';
import type { Contributor } from '#lib/formats/datanet/datanet-version.ts';
import { buildSumTree } from '#lib/core/merkle-sum.ts';

/**
 * Zero when the version names no contributor.
 *
 * @example
 * import { readPublishedVersion } from '#lib/chain/reads/read-published-version.ts';
 * import { sharesRoot } from '#lib/dataset/shares-root.ts';
 *
 * const published = await readPublishedVersion(chain, 3n, version.version.n);
 * if (published?.sharesRoot !== sharesRoot(version.contributors)) show('The chain has other shares');
 */
export const sharesRoot = (contributors: readonly Contributor[]): Hex =>
  buildSumTree(contributors.map(({ address, rows }) => accountLeaf({ account: address, cumulativeWei: BigInt(rows) })))
    .root;
