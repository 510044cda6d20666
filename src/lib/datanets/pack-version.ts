// Makes a version of a Datanet from rows: sorts them, cuts shards, grows the trees, writes the manifest. A stream of rows in,
// a stream of blocks out; memory stays flat. Where rows come from and where blocks go is the caller's business.

import type { CID } from 'multiformats/cid';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { MAX_RAW_BYTES, rawCidOf, type Block } from '#lib/core/format/block.ts';
import { createColumnCounter, schemaOf, type ColumnCounter } from '#lib/core/format/datanet-columns.ts';
import { rowOf, type DatanetRow } from '#lib/core/format/datanet-row.ts';
import { endsRun, isShardFull, MAX_SHARD_BYTES } from '#lib/core/format/datanet-shards.ts';
import {
  contributorFormat,
  encodeVersion,
  shardFormat,
  type Contributor,
  type DatanetVersion,
} from '#lib/core/format/datanet-version.ts';
import { FormatError } from '#lib/core/format/errors.ts';
import { parseJsonObject, type JsonObject } from '#lib/core/format/json-file.ts';
import { buildPagedList } from '#lib/core/format/paged-list.ts';
import { createRowTree, type RowTree } from '#lib/core/row-tree.ts';
import { NoRowsError, RowConflictError } from './errors.ts';
import { createShardList, type ShardList } from './shard-list.ts';
import { createRowSorter, type SorterOptions } from './sort-rows.ts';
import type { SortedRow } from './sorted-row.ts';

export interface NumberedRow {
  row: DatanetRow;
  /** From 1. */
  line: number;
}

export interface PackTerms extends Pick<
  DatanetVersion,
  'datanet' | 'n' | 'parents' | 'licence' | 'createdAt' | 'author'
> {
  /** JSON Schema of a row; else it follows from the rows. */
  schema?: JsonObject | undefined;
  /** Markdown. */
  readme?: string | undefined;
}

export interface PackOptions extends SorterOptions {
  /** Rows taken in, then rows written; from time to time. */
  onProgress?: (stage: 'sort' | 'write', rows: number) => void;
  signal?: AbortSignal | undefined;
}

export interface PackedVersion {
  cid: CID;
  version: DatanetVersion;
  /** How many there are. */
  shards: number;
  contributors: readonly Contributor[];
  /** Rows that were there before, byte for byte, and are kept once. */
  duplicates: number;
}

/**
 * The blocks of a version, the manifest last; returned is what it says. Rows equal in every byte are kept once.
 *
 * @throws NoRowsError, RowConflictError (two rows of one id), FormatError, AbortedError
 */
export async function* packVersion(
  batches: AsyncIterable<readonly NumberedRow[]>,
  terms: PackTerms,
  options: PackOptions,
): AsyncGenerator<Block, PackedVersion, undefined> {
  const { name, digester, onProgress, signal } = options;
  const columns = createColumnCounter();
  const sorter = createRowSorter(options);
  let taken = 0;
  for await (const batch of batches) {
    signal?.throwIfAborted();
    for (const { row, line } of batch) {
      columns.add(row.value);
      if (sorter.add(row, line)) await sorter.spill();
    }
    onProgress?.('sort', (taken += batch.length));
  }

  const written = yield* writeShards(sorter.sorted(), columns, options);
  const { shards, rows, bytes } = written;
  if (rows === 0) throw new NoRowsError(name);
  const contributors = [...written.owners]
    .map(([address, tree]) => ({ address, rows: tree.count, root: toHex(tree.root()) }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  const counted = columns.columns();
  const schema = rawBlock(jsonBytes(terms.schema ?? schemaOf(counted, rows)), 'The schema', digester);
  yield schema;
  const readme = terms.readme === undefined ? null : rawBlock(textBytes(terms.readme), 'The readme', digester);
  if (readme) yield readme;
  const shardList = yield* buildPagedList(shards, shardFormat, digester);
  const contributorList = yield* buildPagedList(contributors, contributorFormat, digester);
  const version: DatanetVersion = {
    ...{ datanet: terms.datanet, n: terms.n, parents: terms.parents, licence: terms.licence },
    schema: schema.cid,
    stats: { rows, bytes, columns: counted },
    shards: shardList,
    rowRoot: toHex(written.top.root()),
    contributors: contributorList,
    readme: readme && readme.cid,
    createdAt: terms.createdAt,
    author: terms.author,
    signature: null,
  };
  const manifest = encodeVersion(version, digester);
  yield manifest;
  return { cid: manifest.cid, version, shards: shards.length, contributors, duplicates: written.duplicates };
}

interface Written {
  shards: ShardList;
  /** Over the roots of the shards. */
  top: RowTree;
  owners: Map<Hex, RowTree>;
  rows: number;
  bytes: number;
  duplicates: number;
}

async function* writeShards(
  sorted: AsyncIterable<SortedRow[]>,
  columns: ColumnCounter,
  { name, digester, onProgress, signal }: PackOptions,
): AsyncGenerator<Block, Written, undefined> {
  const shards = createShardList();
  const top = createRowTree(digester);
  const written: Written = { shards, top, owners: new Map(), rows: 0, bytes: 0, duplicates: 0 };
  const buffer = new Uint8Array(MAX_SHARD_BYTES);
  let used = 0;
  let firstKey = '';
  let tree = createRowTree(digester);
  let before: SortedRow | null = null;

  const close = (): Block => {
    const bytes = buffer.slice(0, used);
    const digest = digester.sha256(bytes);
    const rowRoot = tree.root();
    shards.add({ digest, rows: tree.count, bytes: used, firstKey, rowRoot });
    top.add(rowRoot);
    written.bytes += used;
    tree = createRowTree(digester);
    used = 0;
    return { cid: rawCidOf(digest), bytes };
  };

  for await (const batch of sorted) {
    signal?.throwIfAborted();
    for (const row of batch) {
      if (before?.id === row.id) {
        if (!isEqual(before.leaf, row.leaf)) throw new RowConflictError(name, row.id, [before.line, row.line]);
        columns.remove(parseJsonObject(new TextDecoder().decode(row.bytes), name));
        written.duplicates++;
        continue;
      }
      before = row;
      if (isShardFull(used, row.bytes.length)) yield close();
      if (used === 0) firstKey = row.id;
      buffer.set(row.bytes, used);
      used += row.bytes.length;
      buffer[used++] = 0x0a;
      tree.add(row.leaf);
      written.rows++;
      if (row.contributor) ownerTree(written, row.contributor, digester).add(row.leaf);
      if (endsRun(tree.count, row.leaf)) yield close();
    }
    onProgress?.('write', written.rows);
  }
  if (used > 0) yield close();
  return written;
}

function ownerTree({ owners }: Written, address: Hex, digester: Digester): RowTree {
  let tree = owners.get(address);
  if (!tree) owners.set(address, (tree = createRowTree(digester)));
  return tree;
}

function rawBlock(bytes: Uint8Array, what: string, { sha256 }: Digester): Block {
  if (bytes.length <= MAX_RAW_BYTES) return { cid: rawCidOf(sha256(bytes)), bytes };
  throw new FormatError(what, `it has ${bytes.length} bytes, at most ${MAX_RAW_BYTES} are kept`, {
    hint: 'Shorten it.',
  });
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, at) => byte === b[at]);

const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const jsonBytes = (value: JsonObject): Uint8Array => textBytes(rowOf(value, 'schema').text);
