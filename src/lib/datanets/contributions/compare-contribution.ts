// Compares a contribution with a Datanet: each row is new, repeats an earlier row, edits a row, or takes another contributor's
// id. It decides nothing; a curator does. Memory holds ids and hashes, and one shard of rows.

import type { Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { rowContributor } from '#lib/formats/datanet/datanet-row.ts';
import { createDuplicateFinder, DEFAULT_THRESHOLD } from '#lib/dataset/duplicates/find-duplicates.ts';
import type { OpenContribution } from './contribution-reader.ts';
import type { OpenVersion, VersionRow } from '#lib/dataset/version-reader.ts';

/** The earlier row: its contributor and place. */
export interface FirstRow {
  id: string;
  contributor: Hex | null;
}

export type Standing =
  | { kind: 'new' }
  /** An equal row: the same in every field except id, contributor and file names. */
  | { kind: 'same'; first: FirstRow }
  | { kind: 'near'; first: FirstRow; similarity: number }
  /** The contributor's own row has this id and would be replaced. */
  | { kind: 'edit'; before: VersionRow }
  /** Another contributor's row has this id. */
  | { kind: 'conflict'; before: VersionRow };

export interface ComparedRow {
  row: VersionRow;
  standing: Standing;
}

export interface CompareOptions {
  digester: Digester;
  /** Earlier contributions that are not in the version yet. */
  earlier?: readonly OpenContribution[];
  /** Least similarity of near duplicates; default 0.8. */
  threshold?: number;
  /** Rows read, and rows in all. */
  onProgress?: (rows: number, of: number) => void;
  signal?: AbortSignal | undefined;
}

type Readable = Pick<OpenContribution, 'shards' | 'rows'>;

/** All rows of `contribution` in order, one shard at a time; `version` is the current one, or null. */
export async function* compareContribution(
  contribution: OpenContribution,
  version: OpenVersion | null,
  { digester, earlier = [], threshold = DEFAULT_THRESHOLD, onProgress, signal }: CompareOptions,
): AsyncGenerator<ComparedRow[], void, undefined> {
  const finder = createDuplicateFinder(digester, { threshold });
  const known: FirstRow[] = [];
  const before: Readable[] = [...(version ? [version] : []), ...earlier];
  const total = [...before, contribution, contribution].reduce(
    (sum, { shards }) => sum + shards.reduce((rows, shard) => rows + shard.rows, 0),
    0,
  );
  let read = 0;
  async function* rowsOf(what: Readable): AsyncGenerator<VersionRow[]> {
    for (const shard of what.shards) {
      signal?.throwIfAborted();
      const rows = await what.rows(shard, signal);
      yield rows;
      onProgress?.((read += rows.length), total);
    }
  }

  const ids = new Set<string>();
  for await (const rows of rowsOf(contribution)) for (const { id } of rows) ids.add(id);
  const taken = new Map<string, VersionRow>();
  for (const one of before) {
    for await (const rows of rowsOf(one)) {
      for (const row of rows) {
        finder.add(row.value, known.length);
        known.push({ id: row.id, contributor: rowContributor(row.value) });
        if (ids.has(row.id) && !taken.has(row.id)) taken.set(row.id, row);
      }
    }
  }

  const { contributor } = contribution.contribution;
  for await (const rows of rowsOf(contribution)) {
    yield rows.map((row) => {
      const same = taken.get(row.id);
      const found = finder.add(row.value, known.length);
      known.push({ id: row.id, contributor });
      if (same && same.text !== row.text) {
        const isOwn = rowContributor(same.value) === contributor;
        return { row, standing: { kind: isOwn ? 'edit' : 'conflict', before: same } };
      }
      if (same) return { row, standing: { kind: 'same', first: firstOf(same) } };
      if (!found) return { row, standing: { kind: 'new' } };
      const first = known[found.of]!;
      if (found.kind === 'exact') return { row, standing: { kind: 'same', first } };
      return { row, standing: { kind: 'near', first, similarity: found.similarity } };
    });
  }
}

const firstOf = ({ id, value }: VersionRow): FirstRow => ({ id, contributor: rowContributor(value) });
