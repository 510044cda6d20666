// A review of a contribution, `datanet/review@1`: the rejected rows, each with a reason, and which of them repeat an earlier row.
// All other rows were accepted; a review that lists no row rejects the whole contribution. Converts between bytes and checked
// values; does not verify signatures.

import { fromHex, toHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { Block } from '../block/block.ts';
import { decodeFields, fieldsOf } from '../block/cbor-fields.ts';
import { MAX_ROW_ID_CHARS } from './datanet-row.ts';
import { datanetDomain } from './datanet-domain.ts';
import { readDatanet } from './datanet-members.ts';
import { FormatError } from '../errors.ts';
import { cborBlock, encodePagedList, isPaged, readPagedList, type EntryFormat, type PagedList } from './paged-list.ts';

export const REVIEW_KIND = 'datanet/review@1';
const MAX_REVIEW_BYTES = 1 << 20;
const MAX_REASONS = 256;
export const MAX_REASON_CHARS = 500;
/** Seconds: the end of the year 9999. */
const MAX_TIME = 253_402_300_799;

export interface RejectedRow {
  /** Of the row. */
  leaf: Hex;
  /** Index in the list of reasons. */
  reason: number;
  /** When the row is a duplicate: the id of the earlier row. */
  first: string | null;
}

export interface Review {
  /** `chain:contract:id`. */
  datanet: string;
  /** sha2-256 digest of the contribution's id. */
  contribution: Hex;
  curator: Hex;
  reasons: readonly string[];
  /** Sorted by leaf. */
  rejected: PagedList<RejectedRow>;
  /** Seconds since 1970. */
  createdAt: number;
  /** EIP-712, 65 bytes, by the curator. Null before it is signed. */
  signature: Hex | null;
}

const FIELDS = ['kind', 'datanet', 'contribution', 'curator', 'reasons', 'rejected', 'createdAt', 'signature'];

export const rejectedFormat: EntryFormat<RejectedRow> = {
  inline: 2000,
  encode: ({ leaf, reason, first }) => ({ leaf: fromHex(leaf), reason, first }),
  read(entry, file, at) {
    const fields = fieldsOf(entry, ['leaf', 'reason', 'first'], file, at);
    return {
      leaf: fields.hex('leaf', 32),
      reason: fields.count('reason', MAX_REASONS - 1),
      first: fields.optional('first', (name) => fields.text(name, MAX_ROW_ID_CHARS)),
    };
  },
  hashOf: ({ leaf }) => fromHex(leaf),
};

/** The block of a review. @throws FormatError when it would be too large or could not be parsed again */
export function encodeReview(review: Review, digester: Digester): Block {
  const { datanet, contribution, curator, reasons, rejected, createdAt, signature } = review;
  const block = cborBlock(
    {
      kind: REVIEW_KIND,
      datanet,
      contribution: fromHex(contribution),
      curator: fromHex(curator),
      reasons,
      rejected: encodePagedList(rejected, rejectedFormat),
      createdAt,
      signature: signature && fromHex(signature),
    },
    digester,
  );
  parseReview(block.bytes, 'The review');
  return block;
}

/** @throws FormatError that names the field */
export function parseReview(bytes: Uint8Array, file: string): Review {
  if (bytes.length > MAX_REVIEW_BYTES) {
    throw new FormatError(file, `it has ${bytes.length} bytes; a review has at most ${MAX_REVIEW_BYTES}`);
  }
  const fields = decodeFields(bytes, FIELDS, file);
  if (fields.value('kind') !== REVIEW_KIND) throw new FormatError(file, `it is not a ${REVIEW_KIND}`);
  const reasons = fields.list('reasons', MAX_REASONS, (entry, at) => {
    if (typeof entry === 'string' && entry.trim() !== '' && entry.length <= MAX_REASON_CHARS) return entry;
    throw new FormatError(file, `field "${at}" is no reason of 1 to ${MAX_REASON_CHARS} characters`);
  });
  const review: Review = {
    datanet: readDatanet(fields),
    contribution: fields.hex('contribution', 32),
    curator: fields.hex('curator', 20),
    reasons,
    rejected: readPagedList(fields, 'rejected', rejectedFormat, file),
    createdAt: fields.count('createdAt', MAX_TIME),
    signature: fields.optional('signature', (name) => fields.hex(name, 65)),
  };
  if (!isPaged(review.rejected)) checkRejected(review.rejected, review, file);
  return review;
}

/** Checks the rejected rows' order and reasons. */
export function checkRejected(
  rejected: readonly RejectedRow[],
  { reasons }: Pick<Review, 'reasons'>,
  file: string,
): void {
  const bad = (what: string): FormatError => new FormatError(file, `field "rejected" ${what}`);
  rejected.forEach(({ leaf, reason }, at) => {
    if (at > 0 && rejected[at - 1]!.leaf >= leaf) throw bad(`is not sorted by leaf at [${at}]`);
    if (reason >= reasons.length) throw bad(`names reason ${reason} at [${at}], which is not there`);
  });
}

/** Ready for `signTypedData`; `content` is the unsigned block's sha2-256. */
export function reviewTypedData(review: Review, digester: Digester) {
  const { datanet, contribution, curator, rejected } = review;
  const unsigned = encodeReview({ ...review, signature: null }, digester);
  const count = isPaged(rejected) ? rejected.pages.reduce((sum, page) => sum + page.count, 0) : rejected.length;
  return {
    domain: datanetDomain(datanet),
    types: {
      DatanetReview: [
        { name: 'datanet', type: 'string' },
        { name: 'contribution', type: 'bytes32' },
        { name: 'curator', type: 'address' },
        { name: 'rejectedRows', type: 'uint32' },
        { name: 'content', type: 'bytes32' },
      ],
    } as const,
    primaryType: 'DatanetReview' as const,
    message: { datanet, contribution, curator, rejectedRows: count, content: toHex(digester.sha256(unsigned.bytes)) },
  };
}
