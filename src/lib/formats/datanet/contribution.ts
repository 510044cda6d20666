// A contribution to a Datanet, `datanet/contribution@1`: the offered rows, their licence and the Datanet. Rows are stored in
// shards like those of a version. Converts between bytes and checked values; does not read rows or verify signatures.

import { fromHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { attachmentFormat, ATTACHMENTS, checkAttachments, type Attachment } from './attachments.ts';
import type { Block } from '../block/block.ts';
import { decodeFields, fieldsOf } from '../block/cbor-fields.ts';
import { checkShards, isDatanetName, readLicence, shardFormat, type Shard } from './datanet-version.ts';
import { FormatError } from '../errors.ts';
import type { Licence } from './licences.ts';
import {
  cborBlock,
  encodeIfAny,
  encodePagedList,
  isPaged,
  readIfAny,
  readPagedList,
  type PagedList,
} from './paged-list.ts';

export const CONTRIBUTION_KIND = 'datanet/contribution@1';
/** Most bytes of the block of a contribution. */
export const MAX_CONTRIBUTION_BYTES = 1 << 20;
/** The registry counts at most this many rows per contribution. */
export const MAX_CONTRIBUTION_ROWS = 2 ** 24 - 1;
/** Seconds: the end of the year 9999. */
const MAX_TIME = 253_402_300_799;

export interface Contribution {
  /** `chain:contract:id`. */
  datanet: string;
  contributor: Hex;
  licence: Licence;
  stats: { rows: number; bytes: number };
  shards: PagedList<Shard>;
  /** Root of the tree over the shards' roots. */
  rowRoot: Hex;
  /** Linked files of its rows. */
  attachments: PagedList<Attachment>;
  /** Seconds since 1970. */
  createdAt: number;
  /** EIP-712, 65 bytes, by the contributor; see contribution-signature.ts. Null before it is signed. */
  signature: Hex | null;
}

const FIELDS = [
  ...['kind', 'datanet', 'contributor', 'licence', 'stats', 'shards', 'rowRoot', 'createdAt', 'signature'],
];

/** The block of a contribution. @throws FormatError when it would be too large or could not be parsed again */
export function encodeContribution(contribution: Contribution, digester: Digester): Block {
  const { datanet, contributor, licence, stats, shards, rowRoot, attachments, createdAt, signature } = contribution;
  const block = cborBlock(
    {
      kind: CONTRIBUTION_KIND,
      datanet,
      contributor: fromHex(contributor),
      licence: { spdx: licence.spdx, commercial: licence.commercial, derivative: licence.derivative },
      stats: { rows: stats.rows, bytes: stats.bytes },
      shards: encodePagedList(shards, shardFormat),
      rowRoot: fromHex(rowRoot),
      createdAt,
      signature: signature && fromHex(signature),
      ...encodeIfAny(ATTACHMENTS, attachments, attachmentFormat),
    },
    digester,
  );
  parseContribution(block.bytes, 'The contribution');
  return block;
}

/** Parses the block of a contribution. Verifies neither the rows nor the signature. @throws FormatError that names the field */
export function parseContribution(bytes: Uint8Array, file: string): Contribution {
  if (bytes.length > MAX_CONTRIBUTION_BYTES) {
    throw new FormatError(file, `it has ${bytes.length} bytes; a contribution has at most ${MAX_CONTRIBUTION_BYTES}`, {
      hint: 'Contribute in parts.',
    });
  }
  const fields = decodeFields(bytes, FIELDS, file, [ATTACHMENTS]);
  if (fields.value('kind') !== CONTRIBUTION_KIND) {
    throw new FormatError(file, `it is not a ${CONTRIBUTION_KIND}`, {
      hint: 'Name the contribution itself, not one of its blocks.',
    });
  }
  const datanet = fields.text('datanet', 160);
  if (!isDatanetName(datanet)) throw fields.bad('datanet', 'is not chain:contract:id');
  const stats = fieldsOf(fields.value('stats'), ['rows', 'bytes'], file, 'stats');
  const contribution: Contribution = {
    datanet,
    contributor: fields.hex('contributor', 20),
    licence: readLicence(fields, file),
    stats: {
      rows: stats.count('rows', MAX_CONTRIBUTION_ROWS, 1),
      bytes: stats.count('bytes', Number.MAX_SAFE_INTEGER, 1),
    },
    shards: readPagedList(fields, 'shards', shardFormat, file),
    rowRoot: fields.hex('rowRoot', 32),
    attachments: readIfAny(fields, ATTACHMENTS, attachmentFormat, file),
    createdAt: fields.count('createdAt', MAX_TIME),
    signature: fields.optional('signature', (name) => fields.hex(name, 65)),
  };
  if (!isPaged(contribution.shards)) checkShards(contribution.shards, contribution.stats, file);
  if (!isPaged(contribution.attachments)) {
    checkAttachments(contribution.attachments, fields.value(ATTACHMENTS) !== undefined, file);
  }
  return contribution;
}
