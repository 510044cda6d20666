// The Merkle-sum root over each contributor's number of rows in a version, published with it.

import type { Hex } from '#lib/core/bytes.ts';
import { accountLeaf } from '#lib/formats/payment/epoch-leaves.ts';
import type { Contributor } from '#lib/formats/datanet/datanet-version.ts';
import { buildSumTree } from '#lib/core/merkle-sum.ts';

/** Zero when the version names no contributor. */
export const sharesRoot = (contributors: readonly Contributor[]): Hex =>
  buildSumTree(contributors.map(({ address, rows }) => accountLeaf({ account: address, cumulativeWei: BigInt(rows) })))
    .root;
