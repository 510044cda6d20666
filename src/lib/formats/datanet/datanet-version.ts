// A version of a Datanet, `datanet/version@1`: its rows and their shards, contributors, licence and parent versions. Converts
// between bytes and checked values; does not read rows or verify signatures.

import type { CID } from 'multiformats/cid';
import { fromHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { attachmentFormat, ATTACHMENTS, checkAttachments, type Attachment } from './attachments.ts';
import { cborCidOf, RAW, type Block } from '../block/block.ts';
import { decodeFields, fieldsOf, type Fields } from '../block/cbor-fields.ts';
import { MAX_ROW_ID_CHARS } from './datanet-row.ts';
import { MAX_SHARD_BYTES, MOST_IN_SHARD } from './datanet-shards.ts';
import { encodeColumn, MAX_COLUMNS, readColumn, type ColumnStats } from './datanet-columns.ts';
import { FormatError } from '../errors.ts';
import { isSpdxExpression, type Licence } from './licences.ts';
import {
  cborBlock,
  encodeIfAny,
  encodePagedList,
  isPaged,
  readIfAny,
  readPagedList,
  type EntryFormat,
  type PagedList,
} from './paged-list.ts';

export const VERSION_KIND = 'datanet/version@1';
/** Most bytes of the block of a version. */
export const MAX_VERSION_BYTES = 1 << 20;
const MAX_PARENTS = 8;
const MAX_ROWS = 2 ** 48 - 1;
const MAX_BYTES = Number.MAX_SAFE_INTEGER;
/** Seconds: the end of the year 9999. */
const MAX_TIME = 253_402_300_799;

export interface Shard {
  cid: CID;
  rows: number;
  bytes: number;
  /** Id of its first row. */
  firstKey: string;
  /** Of the tree over its rows. */
  rowRoot: Hex;
}

export interface Contributor {
  address: Hex;
  rows: number;
  /** Of the tree over this contributor's rows, in the order of the version; see formats/payment/holder-tree.ts. */
  root: Hex;
}

/**
 * A contribution that rows of a version come from, with its review. Digests of ids instead of links, so that storing a version
 * does not store these.
 */
export interface Merged {
  /** sha2-256 digest of the contribution's id. */
  contribution: Hex;
  /** sha2-256 digest of the id of its review; null when all its rows were accepted. */
  review: Hex | null;
}

export interface DatanetVersion {
  /** `chain:contract:id`, or null before registration on a chain. */
  datanet: string | null;
  /** From 1. */
  n: number;
  /** The versions it was made from. The block holds digests instead of links, so that storing it does not store its history. */
  parents: readonly CID[];
  /** A raw block with the JSON Schema of a row. */
  schema: CID;
  licence: Licence;
  stats: { rows: number; bytes: number; columns: readonly ColumnStats[] };
  shards: PagedList<Shard>;
  /** Root of the tree over the shards' roots. */
  rowRoot: Hex;
  /** Sorted by address. Rows without a contributor are not counted. */
  contributors: PagedList<Contributor>;
  /** The contributions that its rows come from, sorted. Left out of the block when empty. */
  merged: PagedList<Merged>;
  /** Linked files of its rows. */
  attachments: PagedList<Attachment>;
  /** A raw block of Markdown. */
  readme: CID | null;
  /** Seconds since 1970. */
  createdAt: number;
  author: Hex | null;
  /** EIP-712, 65 bytes, by the author; see version-signature.ts. */
  signature: Hex | null;
}

const FIELDS = [
  ...['kind', 'datanet', 'n', 'parents', 'schema', 'licence', 'stats', 'shards', 'rowRoot', 'contributors'],
  ...['readme', 'createdAt', 'author', 'signature'],
];
const MERGED = 'merged';

export const shardFormat: EntryFormat<Shard> = {
  inline: 2000,
  encode: ({ cid, rows, bytes, firstKey, rowRoot }) => ({ cid, rows, bytes, firstKey, rowRoot: fromHex(rowRoot) }),
  read(entry, file, at) {
    const fields = fieldsOf(entry, ['cid', 'rows', 'bytes', 'firstKey', 'rowRoot'], file, at);
    return {
      cid: fields.cid('cid', RAW),
      rows: fields.count('rows', MOST_IN_SHARD, 1),
      bytes: fields.count('bytes', MAX_SHARD_BYTES, 1),
      firstKey: fields.text('firstKey', MAX_ROW_ID_CHARS),
      rowRoot: fields.hex('rowRoot', 32),
    };
  },
  hashOf: ({ cid }) => cid.multihash.digest,
};

export const contributorFormat: EntryFormat<Contributor> = {
  inline: 1024,
  encode: ({ address, rows, root }) => ({ address: fromHex(address), rows, root: fromHex(root) }),
  read(entry, file, at) {
    const fields = fieldsOf(entry, ['address', 'rows', 'root'], file, at);
    return {
      address: fields.hex('address', 20),
      rows: fields.count('rows', MAX_ROWS, 1),
      root: fields.hex('root', 32),
    };
  },
  hashOf: ({ root }) => fromHex(root),
};

export const mergedFormat: EntryFormat<Merged> = {
  inline: 1024,
  encode: ({ contribution, review }) => ({ contribution: fromHex(contribution), review: review && fromHex(review) }),
  read(entry, file, at) {
    const fields = fieldsOf(entry, ['contribution', 'review'], file, at);
    return {
      contribution: fields.hex('contribution', 32),
      review: fields.optional('review', (name) => fields.hex(name, 32)),
    };
  },
  hashOf: ({ contribution }) => fromHex(contribution),
};

/** The block of a version. @throws FormatError when it would be too large */
export function encodeVersion(version: DatanetVersion, digester: Digester): Block {
  const { stats, licence, author, signature } = version;
  const block = cborBlock(
    {
      kind: VERSION_KIND,
      datanet: version.datanet,
      n: version.n,
      parents: version.parents.map(({ multihash }) => multihash.digest),
      schema: version.schema,
      licence: { spdx: licence.spdx, commercial: licence.commercial, derivative: licence.derivative },
      stats: { rows: stats.rows, bytes: stats.bytes, columns: stats.columns.map(encodeColumn) },
      shards: encodePagedList(version.shards, shardFormat),
      rowRoot: fromHex(version.rowRoot),
      contributors: encodePagedList(version.contributors, contributorFormat),
      readme: version.readme,
      createdAt: version.createdAt,
      author: author && fromHex(author),
      signature: signature && fromHex(signature),
      ...encodeIfAny(MERGED, version.merged, mergedFormat),
      ...encodeIfAny(ATTACHMENTS, version.attachments, attachmentFormat),
    },
    digester,
  );
  if (block.bytes.length > MAX_VERSION_BYTES) throw tooLarge('The version', block.bytes.length);
  return block;
}

/**
 * Parses the block of a version. Does not verify that its rows match: they are in other blocks.
 * @throws FormatError that names the field
 */
export function parseVersion(bytes: Uint8Array, file: string): DatanetVersion {
  if (bytes.length > MAX_VERSION_BYTES) throw tooLarge(file, bytes.length);
  const fields = decodeFields(bytes, FIELDS, file, [MERGED, ATTACHMENTS]);
  if (fields.value('kind') !== VERSION_KIND) {
    throw new FormatError(file, `it is not a ${VERSION_KIND}`, {
      hint: 'Name the version itself, not one of its blocks.',
    });
  }
  const datanet = fields.optional('datanet', (name) => fields.text(name, 160));
  if (datanet !== null && !isDatanetName(datanet)) throw fields.bad('datanet', 'is not chain:contract:id');
  const n = fields.count('n', 2 ** 32 - 1, 1);
  const parents = fields.list('parents', MAX_PARENTS, (digest, at) =>
    cborCidOf(fromHex(fieldsOf({ digest }, ['digest'], file, at).hex('digest', 32))),
  );
  if ((n === 1) !== (parents.length === 0)) {
    throw fields.bad('parents', n === 1 ? 'names one, but this is the first version' : `is empty in version ${n}`);
  }
  const stats = fieldsOf(fields.value('stats'), ['rows', 'bytes', 'columns'], file, 'stats');
  const version: DatanetVersion = {
    datanet,
    n,
    parents,
    schema: fields.cid('schema', RAW),
    licence: readLicence(fields, file),
    stats: {
      rows: stats.count('rows', MAX_ROWS, 1),
      bytes: stats.count('bytes', MAX_BYTES, 1),
      columns: stats.list('columns', MAX_COLUMNS, (entry, at) => readColumn(entry, file, at)),
    },
    shards: readPagedList(fields, 'shards', shardFormat, file),
    rowRoot: fields.hex('rowRoot', 32),
    contributors: readPagedList(fields, 'contributors', contributorFormat, file),
    merged: readIfAny(fields, MERGED, mergedFormat, file),
    attachments: readIfAny(fields, ATTACHMENTS, attachmentFormat, file),
    readme: fields.optional('readme', (name) => fields.cid(name, RAW)),
    createdAt: fields.count('createdAt', MAX_TIME),
    author: fields.optional('author', (name) => fields.hex(name, 20)),
    signature: fields.optional('signature', (name) => fields.hex(name, 65)),
  };
  if (version.signature !== null && version.author === null)
    throw fields.bad('signature', 'is there without an author');
  if (!isPaged(version.shards)) checkShards(version.shards, version.stats, file);
  if (!isPaged(version.merged)) checkMerged(version.merged, fields.value(MERGED) !== undefined, file);
  if (!isPaged(version.attachments)) {
    checkAttachments(version.attachments, fields.value(ATTACHMENTS) !== undefined, file);
  }
  if (!isPaged(version.contributors)) checkContributors(version.contributors, version.stats.rows, file);
  return version;
}

/** Checks that contributions are sorted and unique. */
export function checkMerged(merged: readonly Merged[], isWritten: boolean, file: string): void {
  const bad = (what: string): FormatError => new FormatError(file, `field "${MERGED}" ${what}`);
  if (isWritten && merged.length === 0) throw bad('is empty; it is left out then');
  merged.forEach(({ contribution }, at) => {
    if (at > 0 && merged[at - 1]!.contribution >= contribution) throw bad(`is not sorted at [${at}]`);
  });
}

/** Checks the shards' order and their totals against the version's statistics. */
export function checkShards(shards: readonly Shard[], stats: { rows: number; bytes: number }, file: string): void {
  const bad = (what: string): FormatError => new FormatError(file, `field "shards" ${what}`);
  let [rows, bytes] = [0, 0];
  shards.forEach((shard, index) => {
    rows += shard.rows;
    bytes += shard.bytes;
    const before = shards[index - 1];
    if (before && before.firstKey >= shard.firstKey) throw bad(`is not sorted by firstKey at [${index}]`);
  });
  if (rows !== stats.rows) throw bad(`has ${rows} rows, field "stats.rows" says ${stats.rows}`);
  if (bytes !== stats.bytes) throw bad(`has ${bytes} bytes, field "stats.bytes" says ${stats.bytes}`);
}

/** Checks the contributors' order and their rows against the version's. */
export function checkContributors(contributors: readonly Contributor[], versionRows: number, file: string): void {
  const bad = (what: string): FormatError => new FormatError(file, `field "contributors" ${what}`);
  let rows = 0;
  contributors.forEach((one, index) => {
    rows += one.rows;
    const before = contributors[index - 1];
    if (before && before.address >= one.address) throw bad(`is not sorted by address at [${index}]`);
  });
  if (rows > versionRows) throw bad(`has ${rows} rows, the version only ${versionRows}`);
}

/** Whether `text` is `chain:contract:id`, in small letters and without leading zeros. */
export const isDatanetName = (text: string): boolean => /^[1-9]\d{0,15}:0x[0-9a-f]{40}:[1-9]\d{0,77}$/.test(text);

/** Field `licence` of a version or a contribution. */
export function readLicence(parent: Fields, file: string): Licence {
  const fields = fieldsOf(parent.value('licence'), ['spdx', 'commercial', 'derivative'], file, 'licence');
  const spdx = fields.text('spdx', 200);
  if (!isSpdxExpression(spdx)) throw fields.bad('spdx', 'is no SPDX expression');
  return { spdx, commercial: fields.flag('commercial'), derivative: fields.flag('derivative') };
}

const tooLarge = (file: string, bytes: number): FormatError =>
  new FormatError(file, `it has ${bytes} bytes; a version has at most ${MAX_VERSION_BYTES}`, {
    hint: 'Use fewer columns or contributors.',
  });
