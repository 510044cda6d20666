// The cluster and the scale of every row of a version: what is committed when influence is compiled, and computed again by anyone who
// verifies it.

import type { Digester } from '#lib/core/digester.ts';
import type { InfluenceRow } from '#lib/formats/payment/influence.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { createRowClusters } from './cluster-rows.ts';
import { scaleCopy } from './scale-copies.ts';

export interface PlacedRow {
  /** Number of the first row that says the same. */
  cluster: number;
  scale: number;
}

/**
 * For each row in turn, in the order in which rows were registered.
 *
 * @example
 * import { placeRows } from '#lib/attribution/place-rows.ts';
 *
 * const own = rows.map((one) => ({ vector: one.vector, ownScale: one.scale }));
 * for (const { cluster, scale } of placeRows(own, (at) => ({ text: texts[at]! }), digester)) show(`${cluster}: ${scale}`);
 */
export function* placeRows(
  rows: readonly (Pick<InfluenceRow, 'vector'> & { ownScale: number })[],
  contentOf: (at: number) => JsonObject,
  digester: Pick<Digester, 'keccak256'>,
): Generator<PlacedRow, void, undefined> {
  const clusters = createRowClusters(digester);
  for (const [at, { ownScale }] of rows.entries()) {
    const found = clusters.add(contentOf(at));
    yield { cluster: found.first, scale: scaleCopy(rows, at, found, ownScale) };
  }
}
