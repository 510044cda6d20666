// Rows named on the command line as the sources of a training: files of any kind that imports read, and folders with a version of a
// Datanet, whose rows are verified. Each source can be read again.

import { basename } from 'node:path';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Digester } from '#lib/core/digester.ts';
import { importRows } from '#lib/datanets/import/import-rows.ts';
import { fileSource, shardSource } from '#lib/factory/row-sources.ts';
import type { RowSource } from '#lib/factory/training-row.ts';
import { diskFile } from '../datanet/import.ts';
import { withVersion } from '../datanet/version-folder.ts';
import { isDirectory } from '../input-files.ts';

/** Opens the sources in the order of `paths`, runs `work`, and closes them. */
export async function withDataSources<T>(
  paths: readonly string[],
  digester: Digester,
  signal: AbortSignal,
  work: (sources: RowSource[]) => Promise<T>,
): Promise<T> {
  const [path, ...rest] = paths;
  if (path === undefined) return work([]);
  const open = (source: RowSource) => withDataSources(rest, digester, signal, (sources) => work([source, ...sources]));
  if (!isDirectory(path)) return open(await openFile(path, digester));
  return withVersion(path, digester, signal, ({ open: version }) =>
    open({ ...shardSource(version, version.version.licence), id: version.cid.toString() }),
  );
}

async function openFile(path: string, digester: Digester): Promise<RowSource> {
  const name = basename(path);
  diskFile(path);
  const rows = (signal?: AbortSignal) => fileSource(name, importedRows(path, signal), digester).rows(signal);
  return { name, id: await hashOf(path), licence: 'own', rows };
}

async function* importedRows(path: string, signal?: AbortSignal) {
  for await (const { rows } of importRows(diskFile(path), { signal })) yield rows.map(({ row }) => row);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}
