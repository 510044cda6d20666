// The Merkle-sum root over the contributors of a version, each with its number of rows and their tree, published with it. By it the
// contracts decide who holds which rows.

import type { Hex } from '#lib/core/bytes.ts';
import type { Contributor } from '#lib/formats/datanet/datanet-version.ts';
import { buildShares } from '#lib/formats/payment/holders.ts';

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
  buildShares(contributors.map(({ address, rows, root }) => ({ account: address, rows, rowsRoot: root }))).root;
