// The file with the receipts of a pot, `payable/pot-receipts@1`, whose sha2-256 digest a proposal names: canonical dag-cbor with the calls of
// each line under the line's root. Records, amounts and numbers of calls are on the chain. Whether the calls make the root is checked
// where a pot is built.

import { encode } from '@ipld/dag-cbor';
import { fromHex, sizedBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import { decodeFields, fieldsOf } from '../block/cbor-fields.ts';
import { FormatError } from '../errors.ts';
import { CALL_VECTOR_BYTES } from './call-vector.ts';
import { MOST_CALLS, MOST_RECORDS, ZERO_WORD } from './pot.ts';
import type { CallReceipt } from './receipts.ts';

/** A call with the preimage of its vector hash; null where the hash is zero: the call has no influence. */
export interface PublishedCall extends CallReceipt {
  vector: Uint8Array | null;
}

export interface LineReceipts {
  /** The root that was signed. */
  receipts: Hex;
  published: readonly PublishedCall[];
}

const KIND = 'payable/pot-receipts@1';
/** About 200,000 calls with influence. */
const MOST_BYTES = 64 << 20;
const MOST_LINES = MOST_RECORDS * 256;

/** @throws OutOfRangeError for a value that does not fit */
export const encodePotReceipts = (lines: readonly LineReceipts[]): Uint8Array => {
  const distinct = new Map(lines.map((line) => [line.receipts.toLowerCase(), line]));
  return encode({
    kind: KIND,
    lines: [...distinct.values()].map(({ receipts, published }) => ({
      receipts: sizedBytes(receipts, 32),
      calls: published.map(({ receipt, vector, costWei }) => ({
        receipt: sizedBytes(receipt, 32),
        vector,
        cost: uintBytes(costWei, 12),
      })),
    })),
  });
};

/** @throws FormatError, FileTruncatedError */
export function parsePotReceipts(bytes: Uint8Array, file: string): LineReceipts[] {
  if (bytes.length > MOST_BYTES) throw new FormatError(file, `it has ${bytes.length} bytes, more than ${MOST_BYTES}`);
  const fields = decodeFields(bytes, ['kind', 'lines'], file);
  if (fields.text('kind', 60) !== KIND) throw fields.bad('kind', `is not ${KIND}`);
  return fields.list('lines', MOST_LINES, (entry, where): LineReceipts => {
    const line = fieldsOf(entry, ['receipts', 'calls'], file, where);
    return {
      receipts: line.hex('receipts', 32),
      published: line.list('calls', MOST_CALLS, (value, at) => {
        const call = fieldsOf(value, ['receipt', 'vector', 'cost'], file, at);
        const vector = call.optional('vector', (name) => fromHex(call.hex(name, CALL_VECTOR_BYTES)));
        return {
          receipt: call.hex('receipt', 32),
          vector,
          vectorHash: vector === null ? ZERO_WORD : toHex(keccak256(vector)),
          costWei: BigInt(call.hex('cost', 12)),
        };
      }),
    };
  });
}
