// The rows of a Datanet's next version: those of the previous version, minus withdrawn rows, plus accepted ones. The result does
// not depend on who builds it, as the chain orders contributions. Memory holds ids and leaves, and one shard of rows.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import { rowContributor } from '#lib/formats/datanet/datanet-row.ts';
import type { OpenContribution } from './contribution-reader.ts';
import type { OpenVersion, VersionRow } from '#lib/dataset/version-reader.ts';
import type { NumberedRow } from '#lib/dataset/write-shards.ts';

export interface TakenContribution {
  open: OpenContribution;
  /** Leaves of the rejected rows. */
  rejected: ReadonlySet<Hex>;
}

export interface TakenBack {
  contributor: Hex;
  /** Null when its blocks are gone. */
  open: OpenContribution | null;
  /** Accepted contributions that the contributor has not withdrawn: rows that they hold, too, stay. */
  standing: readonly TakenContribution[];
}

export interface NextRows {
  parent: OpenVersion | null;
  /** In the order of the chain. */
  taken: readonly TakenContribution[];
  takenBack: readonly TakenBack[];
}

export interface NextRowsOptions {
  /** Rows read so far. */
  onProgress?: (rows: number) => void;
  signal?: AbortSignal | undefined;
}

/** The rows to pack. Of two rows with one id, a contributor's later row replaces the earlier; another contributor's is left out. */
export async function* nextRows(
  { parent, taken, takenBack }: NextRows,
  { onProgress, signal }: NextRowsOptions = {},
): AsyncGenerator<NumberedRow[], void, undefined> {
  let read = 0;
  async function* rowsOf(what: Pick<OpenContribution, 'shards' | 'rows'>): AsyncGenerator<VersionRow[]> {
    for (const shard of what.shards) {
      signal?.throwIfAborted();
      const rows = await what.rows(shard, signal);
      yield rows;
      onProgress?.((read += rows.length));
    }
  }
  const isTakenBack = await readTakenBack(takenBack, rowsOf);

  /** For each id, the contribution whose row wins. */
  const winners = new Map<string, { contributor: Hex; at: number }>();
  for (const [at, { open, rejected }] of taken.entries()) {
    const { contributor } = open.contribution;
    for await (const rows of rowsOf(open)) {
      for (const { id, leaf } of rows) {
        if (rejected.has(toHex(leaf))) continue;
        const before = winners.get(id);
        if (!before || before.contributor === contributor) winners.set(id, { contributor, at });
      }
    }
  }
  let line = 0;
  const numbered = ({ value, text }: VersionRow): NumberedRow => ({ row: { value, text }, line: ++line });

  if (parent) {
    for await (const rows of rowsOf(parent)) {
      const kept: NumberedRow[] = [];
      for (const row of rows) {
        const contributor = rowContributor(row.value);
        if (isTakenBack(row, contributor)) continue;
        const winner = winners.get(row.id);
        if (winner?.contributor === contributor) continue;
        winners.delete(row.id);
        kept.push(numbered(row));
      }
      yield kept;
    }
  }
  for (const [at, { open, rejected }] of taken.entries()) {
    for await (const rows of rowsOf(open)) {
      yield rows.filter(({ id, leaf }) => winners.get(id)?.at === at && !rejected.has(toHex(leaf))).map(numbered);
    }
  }
}

type RowsOf = (what: Pick<OpenContribution, 'shards' | 'rows'>) => AsyncIterable<VersionRow[]>;

/** When the withdrawn contribution's blocks are gone, removes all rows of its contributor that no other contribution holds. */
async function readTakenBack(takenBack: readonly TakenBack[], rowsOf: RowsOf) {
  const leaves = new Set<Hex>();
  const gone = new Set<Hex>();
  const spared = new Map<Hex, Set<Hex>>();
  for (const { contributor, open, standing } of takenBack) {
    if (open) for await (const rows of rowsOf(open)) for (const { leaf } of rows) leaves.add(toHex(leaf));
    else gone.add(contributor);
    if (spared.has(contributor)) continue;
    const own = new Set<Hex>();
    spared.set(contributor, own);
    for (const { open: other, rejected } of standing) {
      for await (const rows of rowsOf(other)) {
        for (const { leaf } of rows) if (!rejected.has(toHex(leaf))) own.add(toHex(leaf));
      }
    }
  }
  return ({ leaf }: VersionRow, contributor: Hex | null): boolean => {
    const own = contributor && spared.get(contributor);
    if (!own) return false;
    const hex = toHex(leaf);
    return (leaves.has(hex) || gone.has(contributor)) && !own.has(hex);
  };
}
