// The influence of a model version that was computed again: its rows, the commitment they make, and where they come from. Lists are
// built from it, and a node answers with influence only where it has one.

import { toHex } from '#lib/core/bytes.ts';
import type { InfluenceValues, ShownRow } from '#lib/formats/payment/court-game.ts';
import { vectorBytes } from '#lib/formats/payment/call-vector.ts';
import {
  commitInfluenceRows,
  repeatedRows,
  type Influence,
  type InfluenceRow,
} from '#lib/formats/payment/influence.ts';
import { InfluenceDiffersError } from './errors.ts';
import type { RowOrigins } from './row-origins.ts';

export interface KnownInfluence {
  influence: Influence;
  threshold: number;
  origins: RowOrigins;
  /** By row: whether it has an origin. */
  counts: readonly boolean[];
}

/** Rows come from a file of the model's owner: of any kind. */
function committed(rows: readonly InfluenceRow[]): Influence {
  try {
    return commitInfluenceRows(rows);
  } catch (cause) {
    throw new InfluenceDiffersError('a row has a value that cannot be hashed', cause);
  }
}

/**
 * Computes the tree of the rows again and compares it with the commitment.
 *
 * @throws InfluenceDiffersError
 * @example
 * import { knowInfluence } from '#lib/settlement/known-influence.ts';
 *
 * const known = knowInfluence(rows, { root, rows: rows.length, threshold: 1000 }, origins);
 * show(`The tree has ${known.influence.tree.count} rows`);
 */
export function knowInfluence(
  rows: readonly InfluenceRow[],
  values: InfluenceValues,
  origins: RowOrigins,
): KnownInfluence {
  const influence = committed(rows);
  if (influence.root !== values.root.toLowerCase() || rows.length !== values.rows) {
    throw new InfluenceDiffersError('its rows do not make the root that the model’s owner committed');
  }
  return { influence, threshold: values.threshold, origins, counts: rows.map((row) => origins.has(row)) };
}

/**
 * What a node asks before it answers calls with influence: the committed tree, every row with an origin, no row twice. A tree that
 * hides rows or origins could convict the node later.
 *
 * @throws InfluenceDiffersError
 * @example
 * import { admitInfluence } from '#lib/settlement/known-influence.ts';
 *
 * const known = admitInfluence(rows, { root, rows: rows.length, threshold: 1000 }, origins);
 * show(`Calls are answered with the influence of ${known.influence.rows.length} rows`);
 */
export function admitInfluence(
  rows: readonly InfluenceRow[],
  values: InfluenceValues,
  origins: RowOrigins,
): KnownInfluence {
  const known = knowInfluence(rows, values, origins);
  const orphan = known.counts.indexOf(false);
  if (orphan >= 0)
    throw new InfluenceDiffersError(`row ${orphan} has no origin in a Datanet version that the model cites`);
  const [twice] = repeatedRows(rows);
  if (twice !== undefined)
    throw new InfluenceDiffersError(`row ${twice} stands in it twice, which voids the commitment`);
  return known;
}

/**
 * The rows to commit: exact duplicates are left out, the first stays. A commitment with a row twice is void.
 *
 * @example
 * import { distinctRows } from '#lib/settlement/known-influence.ts';
 *
 * const committed = distinctRows(rows);
 * show(`${rows.length - committed.length} duplicates are left out`);
 */
export function distinctRows<Row extends Pick<InfluenceRow, 'rowLeaf'>>(rows: readonly Row[]): Row[] {
  const repeated = new Set(repeatedRows(rows));
  return rows.filter((_, at) => !repeated.has(at));
}

/**
 * A row with all that proves it: the answer to a demand at the InfluenceBook, and the last move of a game.
 *
 * @throws InfluenceDiffersError for a place that is none, or a row without an origin
 * @example
 * import { answerDemand } from '#lib/chain/actions/settlement/answer-demand.ts';
 * import { showRow } from '#lib/settlement/known-influence.ts';
 *
 * await run(await answerDemand(chain, { model: 7n, version: 2, index: 5, shown: showRow(known, 5) }));
 */
export function showRow({ influence, origins }: KnownInfluence, index: number): ShownRow {
  const row = influence.rows[index];
  if (!row) throw new InfluenceDiffersError(`there is no row ${index}`);
  return {
    row: { ...row, vector: toHex(vectorBytes(row.vector)) },
    path: influence.tree.path(index),
    origin: origins.of(row),
  };
}
