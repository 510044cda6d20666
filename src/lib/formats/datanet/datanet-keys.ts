// A key ring, `datanet/keys@1`: the key of some sealed rows, wrapped for each reader. Rows name their ring by id as text, never
// as a link, so that storing the rows does not store the ring; without it they stay sealed. Converts between bytes and checked
// values; wrapping is in dataset/member-keys.ts.

import { CID } from 'multiformats/cid';
import { fromHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { Block } from '../block/block.ts';
import { decodeFields, fieldsOf } from '../block/cbor-fields.ts';
import { MAX_MEMBERS, MEMBER_KEY_BYTES, readDatanet } from './datanet-members.ts';
import { FormatError } from '../errors.ts';
import { cborBlock } from './paged-list.ts';

export const KEYS_KIND = 'datanet/keys@1';
/** An AES-256 key and its authentication tag. */
const WRAPPED_BYTES = 48;
/** Members and the contributor. */
const MAX_WRAPS = MAX_MEMBERS + 1;
export const MAX_KEYS_BYTES = 1 << 20;

/** HPKE, RFC 9180: the encapsulated key and the sealed key. */
export interface WrappedKey {
  member: Hex;
  sent: Hex;
  wrapped: Hex;
}

export interface KeyRing {
  /** `chain:contract:id`. */
  datanet: string;
  contributor: Hex;
  /** When this ring wraps the same key for more members: the id of the ring that the rows name. Null in that ring itself. */
  of: string | null;
  /** Sorted by member. */
  wraps: readonly WrappedKey[];
}

/** The block of a ring. @throws FormatError when it could not be parsed again */
export function encodeKeyRing({ datanet, contributor, of, wraps }: KeyRing, digester: Digester): Block {
  const sorted = [...wraps].sort((a, b) => (a.member < b.member ? -1 : 1));
  const block = cborBlock(
    {
      kind: KEYS_KIND,
      datanet,
      contributor: fromHex(contributor),
      of,
      wraps: sorted.map(({ member, sent, wrapped }) => ({
        member: fromHex(member),
        sent: fromHex(sent),
        wrapped: fromHex(wrapped),
      })),
    },
    digester,
  );
  parseKeyRing(block.bytes, 'The ring of keys');
  return block;
}

/** @throws FormatError that names the field */
export function parseKeyRing(bytes: Uint8Array, file: string): KeyRing {
  if (bytes.length > MAX_KEYS_BYTES) {
    throw new FormatError(file, `it has ${bytes.length} bytes; a ring of keys has at most ${MAX_KEYS_BYTES}`);
  }
  const fields = decodeFields(bytes, ['kind', 'datanet', 'contributor', 'of', 'wraps'], file);
  if (fields.value('kind') !== KEYS_KIND) throw new FormatError(file, `it is not a ${KEYS_KIND}`);
  const of = fields.optional('of', (name) => fields.text(name, 120));
  if (of !== null && !isRingId(of)) throw fields.bad('of', 'is not the id of a ring');
  const wraps = fields.list('wraps', MAX_WRAPS, (entry, at) => {
    const wrap = fieldsOf(entry, ['member', 'sent', 'wrapped'], file, at);
    return {
      member: wrap.hex('member', 20),
      sent: wrap.hex('sent', MEMBER_KEY_BYTES),
      wrapped: wrap.hex('wrapped', WRAPPED_BYTES),
    };
  });
  wraps.forEach(({ member }, at) => {
    if (at > 0 && wraps[at - 1]!.member >= member) throw fields.bad('wraps', `is not sorted at [${at}]`);
  });
  return { datanet: readDatanet(fields), contributor: fields.hex('contributor', 20), of, wraps };
}

/** Whether `text` is a CIDv1 in base32, the form in which rows name rings. */
export function isRingId(text: string): boolean {
  try {
    return CID.parse(text).toV1().toString() === text;
  } catch {
    return false;
  }
}
