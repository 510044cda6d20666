// The file of influence of a model version, `payable/influence@1`, whose sha2-256 digest its owner commits on chain and receipts
// name: a dag-cbor block with the committed values, the cited Datanet versions, and the raw blocks that hold the rows. With it and
// with the Datanets anyone computes again what every answer pays. It converts between bytes and checked values.

import { encode } from '@ipld/dag-cbor';
import type { CID } from 'multiformats/cid';
import { sizedBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { OutOfRangeError } from '#lib/core/errors.ts';
import { cborCidOf, DAG_CBOR, RAW, rawCidOf, type Block } from '../block/block.ts';
import { decodeFields, fieldsOf } from '../block/cbor-fields.ts';
import { FormatError } from '../errors.ts';
import { VECTOR_SIZE, vectorBytes } from './call-vector.ts';
import type { InfluenceValues } from './court-game.ts';
import { MOST_ROWS, type InfluenceRow } from './influence.ts';
import type { DatanetRef, ModelVersion } from './lineage.ts';

/** A row with its scale before copies were scaled down (attribution/scale-copies.ts). */
export interface FiledRow extends InfluenceRow {
  ownScale: number;
}

/** A Datanet version that the rows come from, with its manifest. */
export interface CitedVersion extends DatanetRef {
  manifest: CID;
}

export interface InfluenceHead extends InfluenceValues {
  /** The part of the contributors' money that influence decides. */
  rhoBps: number;
  /** Thousandths of a nat per token: an answer whose lift is not above this many for each of its tokens has no influence. */
  liftPerToken: number;
  parent: ModelVersion | null;
  cited: readonly CitedVersion[];
}

export interface OpenInfluenceHead extends InfluenceHead {
  pieces: readonly CID[];
}

const KIND = 'payable/influence@1';
/** Bytes of a row: leaf 32, cluster 4, contributor 20, Datanet 8, version 4, scale 2, own scale 2, vector 256. */
const ROW_BYTES = 72 + VECTOR_SIZE;
/** A piece of that many rows is just below 1 MiB. */
export const PIECE_ROWS = 3_072;
const MOST_HEAD_BYTES = 1 << 16;
const MOST_CITED = 256;
const MOST_ID = 2 ** 32 - 1;
const MOST_RHO_BPS = 8_000;
const MOST_LIFT = 1_000_000;
const HEAD_FIELDS = ['kind', 'root', 'rows', 'threshold', 'rho', 'lift', 'parent', 'cited', 'pieces'];
const CITED_FIELDS = ['datanet', 'version', 'weight', 'manifest'];

const encodeRow = (row: FiledRow): Uint8Array[] => [
  sizedBytes(row.rowLeaf, 32),
  uintBytes(row.cluster, 4),
  sizedBytes(row.contributor, 20),
  uintBytes(row.datanet, 8),
  uintBytes(row.version, 4),
  uintBytes(row.scale, 2),
  uintBytes(row.ownScale, 2),
  vectorBytes(row.vector),
];

/**
 * The blocks of the file; the head comes last.
 *
 * @library For compiling the influence of a version.
 * @throws OutOfRangeError, FormatError for what could not be read again
 */
export function* encodeInfluenceFile(
  head: InfluenceHead,
  rows: readonly FiledRow[],
  { sha256 }: Pick<Digester, 'sha256'>,
): Generator<Block, Block, undefined> {
  if (rows.length !== head.rows) throw new OutOfRangeError(`${rows.length} rows are not the ${head.rows} committed`);
  const pieces: CID[] = [];
  for (let from = 0; from < rows.length; from += PIECE_ROWS) {
    const some = rows.slice(from, from + PIECE_ROWS);
    const bytes = new Uint8Array(some.length * ROW_BYTES);
    let at = 0;
    for (const part of some.flatMap(encodeRow)) {
      bytes.set(part, at);
      at += part.length;
    }
    const block = { cid: rawCidOf(sha256(bytes)), bytes };
    pieces.push(block.cid);
    yield block;
  }
  const { root, rows: count, threshold, rhoBps, liftPerToken, parent, cited } = head;
  const bytes: Uint8Array = encode({
    kind: KIND,
    ...{ root: sizedBytes(root, 32), rows: count, threshold, rho: rhoBps, lift: liftPerToken },
    parent: parent && { model: Number(parent.model), version: parent.version },
    cited: cited.map(({ datanet, ...one }) => ({ ...one, datanet: uintBytes(datanet, 8) })),
    pieces,
  });
  parseInfluenceHead(bytes, 'The file of influence');
  const block = { cid: cborCidOf(sha256(bytes)), bytes };
  yield block;
  return block;
}

/** @throws FormatError, FileTruncatedError that name the field */
export function parseInfluenceHead(bytes: Uint8Array, file: string): OpenInfluenceHead {
  if (bytes.length > MOST_HEAD_BYTES) throw new FormatError(file, `it has more than ${MOST_HEAD_BYTES} bytes`);
  const fields = decodeFields(bytes, HEAD_FIELDS, file);
  if (fields.value('kind') !== KIND) throw fields.bad('kind', `is not ${KIND}`);
  const rows = fields.count('rows', MOST_ROWS, 1);
  const pieces = fields.list('pieces', Math.ceil(MOST_ROWS / PIECE_ROWS), (link, where) =>
    fieldsOf({ link }, ['link'], file, where).cid('link', RAW),
  );
  if (pieces.length !== Math.ceil(rows / PIECE_ROWS)) throw fields.bad('pieces', `are not those of ${rows} rows`);
  return {
    root: fields.hex('root', 32),
    rows,
    threshold: fields.count('threshold', 2 ** 40 - 1),
    rhoBps: fields.count('rho', MOST_RHO_BPS),
    liftPerToken: fields.count('lift', MOST_LIFT),
    parent: fields.optional('parent', (name): ModelVersion => {
      const found = fieldsOf(fields.value(name), ['model', 'version'], file, name);
      return { model: BigInt(found.count('model', MOST_ID, 1)), version: found.count('version', MOST_ID, 1) };
    }),
    cited: fields.list('cited', MOST_CITED, (entry, where): CitedVersion => {
      const one = fieldsOf(entry, CITED_FIELDS, file, where);
      return {
        datanet: BigInt(one.hex('datanet', 8)),
        version: one.count('version', MOST_ID, 1),
        weight: one.count('weight', 0xffff),
        manifest: one.cid('manifest', DAG_CBOR),
      };
    }),
    pieces,
  };
}

/** The rows of piece `at` of a file of `rows` rows. @throws FormatError for another number of bytes */
export function parseInfluencePiece(bytes: Uint8Array, at: number, rows: number, file: string): FiledRow[] {
  const count = Math.min(PIECE_ROWS, rows - at * PIECE_ROWS);
  if (bytes.length !== count * ROW_BYTES) {
    throw new FormatError(file, `it has ${bytes.length} bytes, not the ${count * ROW_BYTES} of ${count} rows`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, row): FiledRow => {
    const from = row * ROW_BYTES;
    const hex = (start: number, size: number): Hex => toHex(bytes.subarray(from + start, from + start + size));
    return {
      rowLeaf: hex(0, 32),
      cluster: view.getUint32(from + 32),
      contributor: hex(36, 20),
      datanet: view.getBigUint64(from + 56),
      version: view.getUint32(from + 64),
      scale: view.getUint16(from + 68),
      ownScale: view.getUint16(from + 70),
      vector: Int8Array.from(bytes.subarray(from + 72, from + ROW_BYTES), (byte) => (byte << 24) >> 24),
    };
  });
}
