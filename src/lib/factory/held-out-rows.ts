// The rows that a run held back for validation, with what they say: an adapter is measured on rows that it has not learned.

import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { prepareData, type DataContext, type DataOptions } from './prepare-data.ts';
import type { RowRef, RowSource } from './training-row.ts';

export interface HeldOutRow {
  id: string;
  value: JsonObject;
}

/**
 * Prepares the data as the run did, so rows that repeat a row of the training set are left out here, too. At most `most` rows, spread
 * evenly over the data: files are often sorted by subject.
 *
 * @throws what `prepareData` throws
 *
 * @example
 * import { heldOutRows } from '#lib/factory/held-out-rows.ts';
 *
 * const rows = await heldOutRows(rowSources, recipe.data, 200, { labeller, digester, signal });
 * console.log(`${rows.length} rows were held back`);
 */
export async function heldOutRows(
  sources: readonly RowSource[],
  options: DataOptions,
  most: number,
  context: DataContext,
): Promise<HeldOutRow[]> {
  const values = new Map<string, JsonObject>();
  const noted = sources.map((source, at): RowSource => ({
    ...source,
    rows: async function* (signal) {
      for await (const batch of source.rows(signal)) {
        for (const { id, value } of batch) values.set(keyOf({ source: at, id }), value);
        yield batch;
      }
    },
  }));
  const work = prepareData(noted, options, context);
  let next = await work.next();
  while (!next.done) next = await work.next();
  // A long text is several examples.
  const held = new Map(next.value.validation.flatMap(({ rows }) => rows).map((row) => [keyOf(row), row.id]));
  return spread([...held], most).map(([key, id]) => ({ id, value: values.get(key)! }));
}

const keyOf = ({ source, id }: RowRef): string => `${source} ${id}`;

function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)]!);
}
