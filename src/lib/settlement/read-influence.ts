// Reads what a receipt's shares follow from, from any source of blocks: the file of influence, then the Datanet versions that it cites. Every
// block is hashed.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { createBlockReader, type BlockSource } from '#lib/dataset/read-blocks.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import { openVersion } from '#lib/dataset/version-reader.ts';
import { cidOfDigest } from '#lib/formats/block/cid-of-digest.ts';
import { rowContributor } from '#lib/formats/datanet/datanet-row.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { commitInfluenceRows } from '#lib/formats/payment/influence.ts';
import {
  parseInfluenceHead,
  parseInfluencePiece,
  type CitedVersion,
  type FiledRow,
  type OpenInfluenceHead,
} from '#lib/formats/payment/influence-file.ts';
import { InfluenceDiffersError } from './errors.ts';
import { admitInfluence, type KnownInfluence } from './known-influence.ts';
import { createRowOrigins, type DatanetShares } from './row-origins.ts';

export interface InfluenceFile {
  head: OpenInfluenceHead;
  rows: readonly FiledRow[];
}

interface Reading {
  source: BlockSource;
  digester: Digester;
  signal?: AbortSignal | undefined;
}

/**
 * @throws BlockMissingError, HashMismatchError, FormatError, InfluenceDiffersError when its rows do not make its root
 * @example
 * import { readInfluenceFile } from '#lib/settlement/read-influence.ts';
 *
 * const { head, rows: filed } = await readInfluenceFile(digest, { source: blocks, digester, signal });
 * show(`${filed.length} rows from ${head.cited.length} Datanets`);
 */
export async function readInfluenceFile(artefact: Hex, { source, digester, signal }: Reading): Promise<InfluenceFile> {
  const { block } = createBlockReader(source, digester, signal);
  const cid = cidOfDigest(artefact);
  const head = parseInfluenceHead(await block(cid), `${source.name} block ${cid.toString()}`);
  const rows: FiledRow[] = [];
  for (const [at, piece] of head.pieces.entries()) {
    const name = `${source.name} block ${piece.toString()}`;
    rows.push(...parseInfluencePiece(await block(piece), at, head.rows, name));
  }
  if (commitInfluenceRows(rows).root !== head.root) throw new InfluenceDiffersError('its rows do not make its root');
  return { head, rows };
}

/** The influence with its origins, and the content of each of its rows. */
export interface TracedInfluence {
  known: KnownInfluence;
  contentOf(at: number): JsonObject;
}

/**
 * Reads the cited Datanet versions and finds every row in them, under its contributor's name.
 *
 * @throws BlockMissingError, HashMismatchError, FormatError, VersionUnsoundError, InfluenceDiffersError
 * @example
 * import { readInfluenceFile, traceInfluence } from '#lib/settlement/read-influence.ts';
 *
 * const reading = { source: blocks, digester, signal };
 * const { contentOf } = await traceInfluence(await readInfluenceFile(digest, reading), reading);
 * show(contentOf(0));
 */
export async function traceInfluence({ head, rows }: InfluenceFile, reading: Reading): Promise<TracedInfluence> {
  const wanted = new Set(rows.map(({ rowLeaf }) => rowLeaf));
  const contents = new Map<Hex, JsonObject>();
  const cited: DatanetShares[] = [];
  for (const one of head.cited) cited.push(await readCited(one, wanted, contents, reading));
  const known = admitInfluence(rows, head, createRowOrigins({ parent: head.parent, refs: head.cited }, cited));
  return { known, contentOf: (at) => contents.get(rows[at]!.rowLeaf)! };
}

async function readCited(
  { datanet, version, manifest }: CitedVersion,
  wanted: ReadonlySet<Hex>,
  contents: Map<Hex, JsonObject>,
  { source, digester, signal }: Reading,
): Promise<DatanetShares> {
  const open = await openVersion(manifest, source, digester, signal);
  const name = `version ${version} of Datanet ${datanet}`;
  const { n, datanet: named } = open.version;
  if (n !== version || (named !== null && named.split(':')[2] !== String(datanet))) {
    throw new InfluenceDiffersError(`${manifest.toString()} is not ${name}`);
  }
  const leaves = new Map<Hex, Hex[]>(open.contributors.map(({ address }) => [address, []]));
  for (const shard of open.shards) {
    signal?.throwIfAborted();
    for (const { value, leaf } of await open.rows(shard, signal)) {
      const rowLeaf = toHex(leaf);
      const contributor = rowContributor(value);
      if (contributor !== null) leaves.get(contributor)?.push(rowLeaf);
      if (wanted.has(rowLeaf)) contents.set(rowLeaf, value);
    }
  }
  const holders = [...leaves].map(([account, rowLeaves]) => ({ account, rowLeaves }));
  return { datanet, version, holders, sharesRoot: sharesRoot(open.contributors) };
}
