// Changes between two versions. Shards that both have are not read: only the rows of the others are compared.

import type { OpenVersion, VersionRow } from './version-reader.ts';

export interface RowChange {
  kind: 'added' | 'removed' | 'edited';
  id: string;
  before: VersionRow | null;
  after: VersionRow | null;
}

/**
 * Every change, by row id.
 *
 * @example
 * import { diffVersions } from '#lib/dataset/diff-versions.ts';
 *
 * for await (const { kind, id } of diffVersions(before, version, signal)) show(`${kind} ${id}`);
 */
export async function* diffVersions(
  before: OpenVersion,
  after: OpenVersion,
  signal?: AbortSignal,
): AsyncGenerator<RowChange, void, undefined> {
  const [left, right] = [changedRows(before, after, signal), changedRows(after, before, signal)];
  let [a, b] = [await left.next(), await right.next()];
  while (!a.done || !b.done) {
    const [old, fresh] = [a.value ?? null, b.value ?? null];
    const order = !old ? 1 : !fresh ? -1 : old.id < fresh.id ? -1 : old.id > fresh.id ? 1 : 0;
    if (order < 0) yield { kind: 'removed', id: old!.id, before: old, after: null };
    else if (order > 0) yield { kind: 'added', id: fresh!.id, before: null, after: fresh };
    else if (old!.text !== fresh!.text) yield { kind: 'edited', id: old!.id, before: old, after: fresh };
    if (order <= 0) a = await left.next();
    if (order >= 0) b = await right.next();
  }
}

/** The rows of the shards of `version` that `other` lacks. */
async function* changedRows(
  version: OpenVersion,
  other: OpenVersion,
  signal?: AbortSignal,
): AsyncGenerator<VersionRow, undefined, undefined> {
  const shared = new Set(other.shards.map(({ cid }) => cid.toString()));
  for (const shard of version.shards) {
    if (!shared.has(shard.cid.toString())) yield* await version.rows(shard, signal);
  }
  return undefined;
}
