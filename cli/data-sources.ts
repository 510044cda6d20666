// Rows named on the command line, as sources for training and evaluation: files of any kind that imports read, folders with a version of
// a Datanet, and published versions by their ids. Rows of versions are verified. Each source can be read again.

import { basename } from 'node:path';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Digester } from '#lib/core/digester.ts';
import { importRows } from '#lib/datanets/import/import-rows.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import { fileSource, shardSource } from '#lib/factory/row-sources.ts';
import type { RowSource } from '#lib/factory/training-row.ts';
import type { OptionTypes, OptionValues } from './command.ts';
import { diskFile } from './datanet/import.ts';
import { isVersionId, openPublished } from './datanet/published-version.ts';
import { withVersion } from './datanet/version-folder.ts';
import { isDirectory } from './input-files.ts';

/** Where published versions are found. The chain's own `--data` is `--sandbox` here. */
export const SOURCE_OPTIONS = {
  ...{ gateway: { type: 'string' }, mode: { type: 'string' }, rpc: { type: 'string' }, chain: { type: 'string' } },
  ...{ addresses: { type: 'string' }, sandbox: { type: 'string' } },
} satisfies OptionTypes;

export const SOURCE_HELP = `  --gateway URL, --mode, --rpc, --chain, --addresses
                         for the id of a published version: where its blocks and its chain are, as for "payable datanet verify";
                         --sandbox DIR is where the sandbox is kept`;

export interface SourceContext {
  values: OptionValues;
  digester: Digester;
  signal: AbortSignal;
}

/** Opens the sources in the order of `names`, runs `work`, and closes them. */
export async function withDataSources<T>(
  names: readonly string[],
  context: SourceContext,
  work: (sources: RowSource[]) => Promise<T>,
): Promise<T> {
  const { values, digester, signal } = context;
  const [name, ...rest] = names;
  if (name === undefined) return work([]);
  const open = (source: RowSource) => withDataSources(rest, context, (sources) => work([source, ...sources]));
  if (isDirectory(name))
    return withVersion(name, digester, signal, ({ open: version }) => open(versionSource(version)));
  if (!isVersionId(name)) return open(await openFile(name, digester));
  const chain = { ...values, data: values['sandbox'] };
  return open(versionSource((await openPublished({ id: name, values: chain, digester, signal })).open));
}

const versionSource = (version: OpenVersion): RowSource => ({
  ...shardSource(version, version.version.licence),
  id: version.cid.toString(),
});

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
