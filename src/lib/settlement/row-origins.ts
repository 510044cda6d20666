// Where the rows of a model version come from: which of them lie in a cited Datanet version under a holder's name, with the paths that
// prove it. Rows without an origin count for neither side of a game.

import type { Hex } from '#lib/core/bytes.ts';
import type { SumTree } from '#lib/core/merkle-sum.ts';
import type { RowOrigin } from '#lib/formats/payment/court-game.ts';
import { buildHolderRows, buildShares, type HolderRows } from '#lib/formats/payment/holders.ts';
import type { InfluenceRow } from '#lib/formats/payment/influence.ts';
import { citedKey, packDatanetRef, packParent, type Lineage } from '#lib/formats/payment/lineage.ts';
import type { PlaceTree } from '#lib/formats/payment/place-tree.ts';
import { InfluenceDiffersError } from './errors.ts';

/** The holders of a Datanet version, and the root of its shares that the chain has. */
export interface DatanetShares {
  datanet: bigint;
  version: number;
  holders: readonly HolderRows[];
  sharesRoot: Hex;
}

export interface RowOrigins {
  has(row: InfluenceRow): boolean;
  /** @throws InfluenceDiffersError for a row without an origin */
  of(row: InfluenceRow): RowOrigin;
}

interface Place {
  ref: number;
  /** Of the holder among the shares. */
  place: number;
  shares: SumTree;
  tree: PlaceTree;
  indexOf: ReadonlyMap<bigint, number>;
}

/** Holders come from a published version: of any kind. */
function sharesOf(holders: readonly HolderRows[]): { trees: PlaceTree[]; shares: SumTree } {
  try {
    const trees = holders.map(({ rowLeaves }) => buildHolderRows(rowLeaves));
    const made = holders.map(({ account }, at) => ({ account, rows: trees[at]!.count, rowsRoot: trees[at]!.root }));
    return { trees, shares: buildShares(made) };
  } catch (cause) {
    throw new InfluenceDiffersError('a holder has a value that cannot be hashed', cause);
  }
}

const holderKey = (key: bigint, account: Hex): string => `${key} ${BigInt(account)}`;

/**
 * Origins of rows by the cited versions of a lineage.
 *
 * @throws InfluenceDiffersError when holders do not make the published shares
 * @example
 * import { createRowOrigins } from '#lib/settlement/row-origins.ts';
 *
 * const origins = createRowOrigins(lineage, [{ datanet: 3n, version: 2, holders, sharesRoot }]);
 * show(`${influence.rows.filter(origins.has).length} rows can be paid`);
 */
export function createRowOrigins(lineage: Lineage, cited: readonly DatanetShares[]): RowOrigins {
  const places = new Map<string, Place[]>();
  for (const { datanet, version, holders, sharesRoot } of cited) {
    const key = citedKey({ datanet, version });
    const ref = lineage.refs.findIndex((one) => citedKey(one) === key);
    if (ref < 0) continue;
    const { trees, shares } = sharesOf(holders);
    if (shares.root !== sharesRoot.toLowerCase()) {
      throw new InfluenceDiffersError(
        `the holders of version ${version} of Datanet ${datanet} are not those published`,
      );
    }
    holders.forEach(({ account, rowLeaves }, place) => {
      const indexOf = new Map(rowLeaves.map((leaf, at) => [BigInt(leaf), at]));
      const found = { ref, place, shares, tree: trees[place]!, indexOf };
      const name = holderKey(key, account);
      places.set(name, [...(places.get(name) ?? []), found]);
    });
  }
  const find = (row: InfluenceRow): Place | undefined =>
    places.get(holderKey(citedKey(row), row.contributor))?.find(({ indexOf }) => indexOf.has(BigInt(row.rowLeaf)));
  const parent = packParent(lineage.parent);
  const refs = lineage.refs.map(packDatanetRef);
  return {
    has: (row) => find(row) !== undefined,
    of(row) {
      const found = find(row);
      if (!found) throw new InfluenceDiffersError(`row ${row.rowLeaf} lies in no cited version under its contributor`);
      const index = found.indexOf.get(BigInt(row.rowLeaf))!;
      const { siblings, sums } = found.shares.path(found.place);
      return {
        parent,
        refs,
        ref: BigInt(found.ref),
        rowsRoot: found.tree.root,
        rows: found.tree.count,
        index: BigInt(index),
        path: found.tree.path(index),
        place: BigInt(found.place),
        siblings,
        sums,
      };
    },
  };
}
