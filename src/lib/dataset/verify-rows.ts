// Checks shared by versions and contributions: row order across shards, the boundaries of shards and lists, and the root.

import { fromHex, toHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { attachmentsOf, type Attachment } from '#lib/formats/datanet/attachments.ts';
import { endsRun, isShardFull } from '#lib/formats/datanet/datanet-shards.ts';
import type { Shard } from '#lib/formats/datanet/datanet-version.ts';
import { buildPagedList, isPaged, type EntryFormat, type PagedList } from '#lib/formats/datanet/paged-list.ts';
import { createRowTree } from '#lib/core/row-tree.ts';
import { VersionUnsoundError } from './errors.ts';
import type { OpenVersion, VersionRow } from './version-reader.ts';

/** Yields the rows of each shard after checking their order and the shard's boundary. */
export async function* orderedRows(
  open: Pick<OpenVersion, 'shards' | 'rows'>,
  unsound: (what: string) => VersionUnsoundError,
  signal?: AbortSignal,
): AsyncGenerator<VersionRow[], void, undefined> {
  let lastId = '';
  for (const [index, shard] of open.shards.entries()) {
    signal?.throwIfAborted();
    const rows = await open.rows(shard, signal);
    const where = `shard ${index}`;
    if (index > 0 && rows[0]!.id <= lastId) throw unsound(`${where} begins before the shard before it ends`);
    lastId = rows.at(-1)!.id;
    const early = rows.slice(0, -1).findIndex(({ leaf }, at) => endsRun(at + 1, leaf));
    if (early >= 0) throw unsound(`${where} goes on after row ${early}, which ends a shard`);
    const next = open.shards[index + 1];
    if (next && !endsRun(rows.length, rows.at(-1)!.leaf)) {
      const [first] = await open.rows(next, signal);
      const bytes = new TextEncoder().encode(first!.text).length;
      if (!isShardFull(shard.bytes, bytes)) throw unsound(`${where} ends after a row that is not a boundary`);
    }
    yield rows;
  }
}

/** Every linked file must be named by a row; otherwise pinners would store files unrelated to the rows. */
export function createFileCheck(attachments: readonly Attachment[]) {
  const linked = new Set(attachments.map(({ cid }) => cid.toString()));
  const unnamed = new Set(linked);
  const missing = new Set<string>();
  return {
    add(rows: readonly VersionRow[]): void {
      for (const { value } of rows) {
        for (const { cid } of attachmentsOf(value)) {
          unnamed.delete(cid);
          if (!linked.has(cid)) missing.add(cid);
        }
      }
    },
    /** Number of files that rows name but no link covers. */
    missing: (): number => missing.size,
    end(unsound: (what: string) => VersionUnsoundError): void {
      const [first] = unnamed;
      if (first !== undefined) throw unsound(`no row names file ${first}, which it links`);
    },
  };
}

/** Pages, too, must end where their entries' hashes say. */
export function checkPages<T>(
  list: PagedList<T>,
  entries: readonly T[],
  format: EntryFormat<T>,
  digester: Digester,
  unsound: (what: string) => VersionUnsoundError,
): void {
  if (!isPaged(list)) return;
  const anew = [...buildPagedList(entries, format, digester)];
  if (anew.length !== list.pages.length || anew.some(({ cid }, at) => !cid.equals(list.pages[at]!.cid))) {
    throw unsound('its lists are not cut at the boundaries of their entries');
  }
}

/** Compares the root over `shards` with `rowRoot`. @throws VersionUnsoundError */
export function checkRoot(shards: readonly Shard[], rowRoot: Hex, name: string, digester: Digester): void {
  const tree = createRowTree(digester);
  for (const shard of shards) tree.add(fromHex(shard.rowRoot));
  if (toHex(tree.root()) !== rowRoot) {
    throw new VersionUnsoundError(name, `the roots of its shards do not make its row root ${rowRoot}`);
  }
}
