// Packs rows into a version of a Datanet: sorts them, cuts shards, builds the trees and writes the manifest. Rows stream in and
// blocks stream out, in constant memory.

import type { CID } from 'multiformats/cid';
import { toHex } from '#lib/core/bytes.ts';
import {
  attachmentFormat,
  createAttachmentPicker,
  type AttachedFiles,
  type Attachment,
} from '#lib/formats/datanet/attachments.ts';
import type { Digester } from '#lib/core/digester.ts';
import { MAX_RAW_BYTES, rawCidOf, type Block } from '#lib/formats/block/block.ts';
import { createColumnCounter, schemaOf } from '#lib/formats/datanet/datanet-columns.ts';
import { rowOf } from '#lib/formats/datanet/datanet-row.ts';
import {
  contributorFormat,
  encodeVersion,
  mergedFormat,
  shardFormat,
  type Contributor,
  type DatanetVersion,
  type Merged,
} from '#lib/formats/datanet/datanet-version.ts';
import { FormatError } from '#lib/formats/errors.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { buildPagedList } from '#lib/formats/datanet/paged-list.ts';
import { NoRowsError } from './errors.ts';
import { createRowSorter } from './sort-rows.ts';
import { writeShards, type NumberedRow, type PackOptions } from './write-shards.ts';

export interface PackTerms extends Pick<
  DatanetVersion,
  'datanet' | 'n' | 'parents' | 'licence' | 'createdAt' | 'author'
> {
  /** JSON Schema of a row; by default inferred from the rows. */
  schema?: JsonObject | undefined;
  /** Markdown. */
  readme?: string | undefined;
  /** The contributions that rows come from; default none. */
  merged?: readonly Merged[] | undefined;
  /** Attached files at hand: the version links those that a row names. */
  files?: AttachedFiles | undefined;
}

export interface PackedVersion {
  cid: CID;
  version: DatanetVersion;
  /** Number of shards. */
  shards: number;
  contributors: readonly Contributor[];
  /** Files that it links. */
  attachments: readonly Attachment[];
  /** Files that rows name but `files` does not hold. */
  missingFiles: number;
  /** Identical rows that were kept once. */
  duplicates: number;
}

/**
 * The blocks of a version, the manifest last; returns a summary. Identical rows are kept once.
 * @throws NoRowsError, RowConflictError (two rows with one id), FormatError, AbortedError
 *
 * @example
 * import { blobSpill } from '#lib/dataset/blob-spill.ts';
 * import { packVersion } from '#lib/dataset/pack-version.ts';
 * import { readRows } from '#lib/dataset/read-rows.ts';
 *
 * const rows = readRows(file.stream(), 'birds.jsonl', signal);
 * const blocks = packVersion(rows, terms, { name: 'birds.jsonl', digester, spill: blobSpill(), signal });
 * for await (const { cid, bytes } of blocks) await datanets.ipfs.node.blocks.put(cid, bytes);
 */
export async function* packVersion(
  batches: AsyncIterable<readonly NumberedRow[]>,
  terms: PackTerms,
  options: PackOptions,
): AsyncGenerator<Block, PackedVersion, undefined> {
  const { name, digester, onProgress, signal } = options;
  const columns = createColumnCounter();
  const picker = createAttachmentPicker(terms.files);
  const sorter = createRowSorter(options);
  let taken = 0;
  for await (const batch of batches) {
    signal?.throwIfAborted();
    for (const { row, line } of batch) {
      columns.add(row.value);
      picker.add(row.value);
      if (sorter.add(row, line)) await sorter.spill();
    }
    onProgress?.('sort', (taken += batch.length));
  }

  const written = yield* writeShards(sorter.sorted(), options, columns);
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
  const attachments = picker.picked();
  const merged = [...(terms.merged ?? [])].sort((a, b) => (a.contribution < b.contribution ? -1 : 1));
  const version: DatanetVersion = {
    ...{ datanet: terms.datanet, n: terms.n, parents: terms.parents, licence: terms.licence },
    schema: schema.cid,
    stats: { rows, bytes, columns: counted },
    shards: shardList,
    rowRoot: toHex(written.top.root()),
    contributors: contributorList,
    merged: yield* buildPagedList(merged, mergedFormat, digester),
    attachments: yield* buildPagedList(attachments, attachmentFormat, digester),
    readme: readme && readme.cid,
    createdAt: terms.createdAt,
    author: terms.author,
    signature: null,
  };
  const manifest = encodeVersion(version, digester);
  yield manifest;
  const { duplicates } = written;
  return {
    ...{ cid: manifest.cid, version, shards: shards.length, contributors },
    ...{ attachments, missingFiles: picker.missing(), duplicates },
  };
}

function rawBlock(bytes: Uint8Array, what: string, { sha256 }: Digester): Block {
  if (bytes.length <= MAX_RAW_BYTES) return { cid: rawCidOf(sha256(bytes)), bytes };
  throw new FormatError(what, `it has ${bytes.length} bytes, at most ${MAX_RAW_BYTES} are kept`, {
    hint: 'Shorten it.',
  });
}

const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const jsonBytes = (value: JsonObject): Uint8Array => textBytes(rowOf(value, 'schema').text);
