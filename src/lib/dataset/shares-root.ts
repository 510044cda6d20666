// The Merkle-sum root over what each contributor has in a version, which is published with it: rows per address.

import type { Hex } from '#lib/core/bytes.ts';
import { accountLeaf } from '#lib/formats/payment/epoch-leaves.ts';
import type { Contributor } from '#lib/formats/datanet/datanet-version.ts';
import { buildSumTree } from '#lib/core/merkle-sum.ts';

/** Zero when the version names no contributor. */
export const sharesRoot = (contributors: readonly Contributor[]): Hex =>
  buildSumTree(contributors.map(({ address, rows }) => accountLeaf({ account: address, cumulativeWei: BigInt(rows) })))
    .root;
