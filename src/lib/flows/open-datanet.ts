// Opens a Datanet that comes with the app: reads its file, hashes each block, checks the version and compares it with the index, and
// proves a requested row against the version's root. Other rows are read on demand, a shard at a time.

import type { Digester } from '#lib/core/digester.ts';
import { readCar, type ByteSource } from '#lib/formats/block/car.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { VersionUnsoundError, UnknownVersionError } from '#lib/dataset/errors.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { UnknownDatanetError } from '#lib/datanets/errors.ts';
import type { RowProof } from '#lib/dataset/prove-row.ts';
import { proveHere } from '#lib/datanets/published/prove-here.ts';
import { readmeOf } from '#lib/datanets/published/readme-of.ts';
import { openVersion, type OpenVersion } from '#lib/dataset/version-reader.ts';
import { readDatanetIndex, type DatanetEntry, type DatanetFiles } from '#lib/datanets/published/datanet-index.ts';

export interface OpenDatanetContext extends DatanetFiles {
  createDigester(): Promise<Digester>;
}

export interface OpenDatanetInput {
  id: string;
  /** The requested version; the app has one, and another is refused. */
  version?: string | undefined;
  /** Id or index of a row to be proven. */
  row?: string | undefined;
}

export interface OpenDatanet {
  name: string;
  description: string;
  version: OpenVersion;
  /** Markdown. */
  readme: string | null;
}

export type OpenDatanetEvent =
  | { type: 'reading'; readBytes: number; totalBytes: number }
  | { type: 'opened'; datanet: OpenDatanet }
  /** The row was hashed here, and its proof leads to the version's row root. */
  | { type: 'proven'; proof: RowProof };

/**
 * @throws UnknownDatanetError, UnknownVersionError, FileMissingError, FormatError, HashMismatchError, VersionUnsoundError, BlockMissingError, RowUnknownError, AbortedError
 *
 * @example
 * import { openDatanet } from '#lib/flows/open-datanet.ts';
 *
 * for await (const event of openDatanet(bundled, { id: 'rare-birds' }, { signal })) {
 *   if (event.type === 'opened') show(`${event.datanet.name}: ${event.datanet.version.version.stats.rows} rows`);
 * }
 */
export async function* openDatanet(
  context: OpenDatanetContext,
  { id, version: wanted, row }: OpenDatanetInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<OpenDatanetEvent, void, void> {
  const entry = (await readDatanetIndex(context, signal)).find((one) => one.id === id);
  if (!entry) throw new UnknownDatanetError(`“${id.slice(0, 60)}”`, 'among those of this app');
  if (wanted !== undefined && wanted !== entry.manifest.toString()) {
    throw new UnknownVersionError(entry.name, wanted.slice(0, 100), `This app has ${entry.manifest.toString()} of it.`);
  }
  const { path, bytes: totalBytes } = entry.car;
  const digester = await context.createDigester();
  const counted = countBytes(await context.read(path, signal));
  // A file of n bytes cannot hold more than n blocks.
  const car = await readCar(counted.source, { name: path, maxBytes: totalBytes, maxBlocks: totalBytes, signal });
  const blocks = new Map<string, Uint8Array>();
  yield { type: 'reading', readBytes: 0, totalBytes };
  for await (const { cid, bytes } of car.blocks) {
    blocks.set(cid.toString(), bytes);
    yield { type: 'reading', readBytes: counted.bytes(), totalBytes };
  }
  if (!car.roots.some((root) => root.equals(entry.manifest))) {
    throw new FormatError(path, `it is not of version ${entry.manifest.toString()}`);
  }
  const source = { name: entry.name, get: async (cid: { toString(): string }) => blocks.get(cid.toString()) ?? null };
  const version = await openVersion(entry.manifest, source, digester, signal);
  checkAgainstIndex(version, entry);
  // Shards are read later, but a missing one is reported now.
  for (const { cid } of [...version.shards, { cid: version.version.schema }]) {
    if (!blocks.has(cid.toString())) throw new BlockMissingError(cid.toString(), { file: path });
  }
  const { name, description } = entry;
  yield { type: 'opened', datanet: { name, description, version, readme: await readmeOf(version, signal) } };
  if (row !== undefined) yield { type: 'proven', proof: await proveHere(version, row, digester, signal) };
}

function countBytes(source: ByteSource): { source: ByteSource; bytes(): number } {
  let bytes = 0;
  async function* counting() {
    for await (const piece of source) {
      bytes += piece.length;
      yield piece;
    }
  }
  return { source: counting(), bytes: () => bytes };
}

function checkAgainstIndex({ version, contributors }: OpenVersion, entry: DatanetEntry): void {
  const differs = (what: string) => new VersionUnsoundError(entry.name, `its ${what} differs from the index`);
  if (version.rowRoot !== entry.rowRoot) throw differs('row root');
  if (version.stats.rows !== entry.rows) throw differs('number of rows');
  if (version.licence.spdx !== entry.licence) throw differs('licence');
  const shares = (list: readonly { address: string; rows: number }[]) =>
    list.map(({ address, rows }) => `${address} ${rows}`).join();
  if (shares(contributors) !== shares(entry.contributors)) throw differs('contributors');
}
