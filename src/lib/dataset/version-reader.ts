// Reads a version from an untrusted source: hashes each block, checks each list against the manifest and each shard against its
// entry. Rows are read one shard at a time, so that only the needed shards are fetched.

import type { CID } from 'multiformats/cid';
import { toHex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { attachmentFormat, checkAttachments, type Attachment } from '#lib/formats/datanet/attachments.ts';
import { parseRow, rowId } from '#lib/formats/datanet/datanet-row.ts';
import {
  checkContributors,
  checkMerged,
  checkShards,
  contributorFormat,
  mergedFormat,
  parseVersion,
  shardFormat,
  type Contributor,
  type DatanetVersion,
  type Merged,
  type Shard,
} from '#lib/formats/datanet/datanet-version.ts';
import { FormatError } from '#lib/formats/errors.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { createRowTree } from '#lib/core/row-tree.ts';
import { VersionUnsoundError } from './errors.ts';
import { createBlockReader, type BlockSource } from './read-blocks.ts';
import { checkRoot } from './verify-rows.ts';

export interface VersionRow {
  id: string;
  leaf: Uint8Array;
  value: JsonObject;
  /** The canonical row. */
  text: string;
}

export interface OpenVersion {
  readonly cid: CID;
  readonly name: string;
  readonly version: DatanetVersion;
  readonly shards: readonly Shard[];
  readonly contributors: readonly Contributor[];
  /** The rows of one shard, verified. */
  rows(shard: Shard, signal?: AbortSignal): Promise<VersionRow[]>;
  /** The contributions that its rows come from. */
  merged(): Promise<readonly Merged[]>;
  /** The files that belong to it. */
  attachments(): Promise<readonly Attachment[]>;
  /** A block of the version, verified by its hash. */
  block(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
}

/**
 * Opens version `cid`: reads and checks its manifest and lists, but not its rows.
 * @throws BlockMissingError, HashMismatchError, FormatError, VersionUnsoundError (the shards' roots give another root)
 *
 * @example
 * import { ipfsBlockSource } from '#lib/datanets/ipfs-block-source.ts';
 * import { openVersion } from '#lib/dataset/version-reader.ts';
 *
 * const version = await openVersion(cid, ipfsBlockSource(datanets.ipfs, 'Rare birds'), digester, signal);
 * const rows = await version.rows(version.shards[0]!, signal);
 */
export async function openVersion(
  cid: CID,
  source: BlockSource,
  digester: Digester,
  signal?: AbortSignal,
): Promise<OpenVersion> {
  const { name } = source;
  const { block, listed } = createBlockReader(source, digester, signal);
  const version = parseVersion(await block(cid), `${name} block ${cid.toString()}`);
  const shards = await listed(version.shards, shardFormat);
  const contributors = await listed(version.contributors, contributorFormat);
  checkShards(shards, version.stats, name);
  checkContributors(contributors, version.stats.rows, name);
  checkRoot(shards, version.rowRoot, name, digester);
  return {
    cid,
    name,
    version,
    shards,
    contributors,
    async merged() {
      const all = await listed(version.merged, mergedFormat);
      checkMerged(all, all.length > 0, name);
      return all;
    },
    async attachments() {
      const all = await listed(version.attachments, attachmentFormat);
      checkAttachments(all, all.length > 0, name);
      return all;
    },
    block,
    rows: async (shard, stop) => parseShard(await block(shard.cid, stop), shard, shardFile(name, shard), digester),
  };
}

/**
 * Name of a shard in errors.
 *
 * @example
 * import { shardFile } from '#lib/dataset/version-reader.ts';
 *
 * const [first] = version.shards;
 * show(`Reading ${shardFile(version.name, first!)}`);
 */
export const shardFile = (name: string, { cid }: Pick<Shard, 'cid'>): string => `${name} shard ${cid.toString()}`;

/**
 * The rows in the bytes of `shard`. @throws FormatError, VersionUnsoundError naming `file` and the row
 *
 * @example
 * import { parseShard, shardFile } from '#lib/dataset/version-reader.ts';
 *
 * const [shard] = version.shards;
 * const bytes = await version.block(shard!.cid, signal);
 * const rows = parseShard(bytes, shard!, shardFile(version.name, shard!), digester);
 */
export function parseShard(
  bytes: Uint8Array,
  shard: Omit<Shard, 'cid'>,
  file: string,
  digester: Digester,
): VersionRow[] {
  const unsound = (what: string): VersionUnsoundError => new VersionUnsoundError(file, what);
  if (bytes.length !== shard.bytes) throw unsound(`it has ${bytes.length} bytes, the version says ${shard.bytes}`);
  if (bytes.at(-1) !== 0x0a) throw new FormatError(file, 'the last row has no line end');
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const tree = createRowTree(digester);
  const rows: VersionRow[] = [];
  for (let from = 0; from < bytes.length;) {
    if (rows.length === shard.rows) throw unsound(`it has more than the ${shard.rows} rows the version says`);
    const end = bytes.indexOf(0x0a, from);
    const where = `${file} row ${rows.length}`;
    const source = bytes.subarray(from, end);
    const text = decodeText(decoder, source, where);
    const row = parseRow(text, where);
    if (row.text !== text) throw new FormatError(where, 'it is not in its canonical form');
    const leaf = digester.sha256(source);
    const id = rowId(row.value, leaf);
    const before = rows.at(-1);
    if (before && before.id >= id) throw unsound(`row ${rows.length} is not sorted by id`);
    rows.push({ id, leaf, value: row.value, text });
    tree.add(leaf);
    from = end + 1;
  }
  if (rows.length !== shard.rows) throw unsound(`it has ${rows.length} rows, the version says ${shard.rows}`);
  if (rows[0]!.id !== shard.firstKey)
    throw unsound(`it begins with "${rows[0]!.id}", the version says "${shard.firstKey}"`);
  if (toHex(tree.root()) !== shard.rowRoot) throw unsound('its rows do not make the root the version says');
  return rows;
}

function decodeText(decoder: TextDecoder, bytes: Uint8Array, where: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new FormatError(where, 'the text is not valid UTF-8', { cause });
  }
}
