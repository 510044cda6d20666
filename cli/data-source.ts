// Rows named on the command line, as a source for training and evaluation: a file of any kind that imports read, or a folder with a version
// of a Datanet.

import { basename } from 'node:path';
import type { Digester } from '#lib/core/digester.ts';
import { importRows } from '#lib/datanets/import/import-rows.ts';
import type { DatanetRow } from '#lib/formats/datanet/datanet-row.ts';
import { fileSource, shardSource } from '#lib/factory/row-sources.ts';
import type { RowSource } from '#lib/factory/training-row.ts';
import { diskFile } from './datanet/import.ts';
import { withVersion } from './datanet/version-folder.ts';
import { isDirectory } from './input-files.ts';

/** Opens the source, runs `work`, and closes it. */
export async function withDataSource<T>(
  path: string,
  digester: Digester,
  signal: AbortSignal,
  work: (source: RowSource) => Promise<T>,
): Promise<T> {
  if (!isDirectory(path)) return work(fileSource(basename(path), importedRows(path, signal), digester));
  return withVersion(path, digester, signal, ({ open }) => work(shardSource(open, open.version.licence)));
}

async function* importedRows(path: string, signal: AbortSignal): AsyncGenerator<readonly DatanetRow[]> {
  for await (const { rows } of importRows(diskFile(path), { signal })) yield rows.map(({ row }) => row);
}
