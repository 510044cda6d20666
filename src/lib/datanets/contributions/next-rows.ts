// The rows of the next version of a Datanet: those of the version before, without what was taken back, with what curators took.
// The same for whoever makes it: who comes first is the order on the chain. Memory holds ids and leaves, one shard at a time.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import { rowContributor } from '#lib/formats/datanet/datanet-row.ts';
import type { OpenContribution } from './contribution-reader.ts';
import type { OpenVersion, VersionRow } from '#lib/dataset/version-reader.ts';
import type { NumberedRow } from '#lib/dataset/write-shards.ts';

export interface TakenContribution {
  open: OpenContribution;
  /** Leaves of the rows that were not taken. */
  rejected: ReadonlySet<Hex>;
}

export interface TakenBack {
  contributor: Hex;
  /** Null when nobody has it any more. */
  open: OpenContribution | null;
  /** What was taken of the same contributor and he still stands by: rows that are in there, too, stay. */
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

/** To be packed. Of two rows with one id a contributor's later one replaces his earlier; another's is left out. */
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

  /** Per id the contribution whose row counts. */
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

/** Rows of a contribution that is gone are all those of its contributor that he does not stand by elsewhere. */
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
