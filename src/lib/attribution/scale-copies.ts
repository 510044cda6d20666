// What copies weigh: the scale of a row that repeats the first of its cluster is cut to what it adds. Done once, when a version's
// influence is compiled, because a contract compares weights and cannot compare texts.

import { dotProduct } from '#lib/formats/payment/call-vector.ts';
import type { InfluenceRow } from '#lib/formats/payment/influence.ts';
import { ALL_NEW, type RowCluster } from './cluster-rows.ts';

type Vectors = readonly Pick<InfluenceRow, 'vector'>[];

/**
 * The scale of row `at`: its own, times what is new in it, rounded down. A row whose vector points away from that of the first keeps its
 * own scale: it contradicts the first, as a right label contradicts a wrong one that was registered earlier.
 *
 * @example
 * import { scaleCopy } from '#lib/attribution/scale-copies.ts';
 *
 * const scale = scaleCopy(rows, 1, { first: 0, novelty: 6_553 }, 2_000);
 * show(`The copy weighs ${scale} instead of 2,000`);
 */
export function scaleCopy(rows: Vectors, at: number, { first, novelty }: RowCluster, ownScale: number): number {
  if (novelty === ALL_NEW || dotProduct(rows[at]!.vector, rows[first]!.vector) <= 0) return ownScale;
  return Math.floor((ownScale * novelty) / ALL_NEW);
}
