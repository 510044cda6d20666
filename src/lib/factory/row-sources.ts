// Rows for a training run from what other rooms open: verified shards of a version or a contribution, and rows of an imported file.

import type { Digester } from '#lib/core/digester.ts';
import { rowId, type DatanetRow } from '#lib/formats/datanet/datanet-row.ts';
import type { Shard } from '#lib/formats/datanet/datanet-version.ts';
import type { Licence } from '#lib/formats/datanet/licences.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { sealedBox } from '#lib/formats/datanet/sealed-row.ts';
import { NotSealedForError, SealBrokenError } from '#lib/dataset/errors.ts';
import type { RowOpener } from '#lib/dataset/row-opener.ts';
import type { VersionRow } from '#lib/dataset/version-reader.ts';
import type { RowSource } from './training-row.ts';

interface OpenShards {
  name: string;
  shards: readonly Shard[];
  rows(shard: Shard, signal?: AbortSignal): Promise<VersionRow[]>;
}

/** `opener` decrypts sealed rows. A row that it cannot open stays sealed, and the run reports it. */
export function shardSource(open: OpenShards, licence: Licence, opener: RowOpener | null = null): RowSource {
  return {
    name: open.name,
    licence,
    rows: async function* (signal) {
      for (const shard of open.shards) {
        const rows = await open.rows(shard, signal);
        yield await Promise.all(
          rows.map(async ({ id, leaf, value }) => ({ id, leaf, value: await openedRow(value, id, opener) })),
        );
      }
    },
  };
}

async function openedRow(value: JsonObject, id: string, opener: RowOpener | null): Promise<JsonObject> {
  if (!opener || !sealedBox(value)) return value;
  try {
    return (await opener.open(value, `Row ${id}`)).value;
  } catch (error) {
    if (error instanceof NotSealedForError || error instanceof SealBrokenError) return value;
    throw error;
  }
}

/** The user's own file. Each row may name its licence. */
export function fileSource(name: string, rows: AsyncIterable<readonly DatanetRow[]>, digester: Digester): RowSource {
  const encoder = new TextEncoder();
  return {
    name,
    licence: 'own',
    rows: async function* () {
      for await (const batch of rows) {
        yield batch.map(({ value, text }) => {
          const leaf = digester.sha256(encoder.encode(text));
          return { id: rowId(value, leaf), leaf, value };
        });
      }
    },
  };
}
