// A ring of keys, `datanet/keys@1`: the one key of some sealed rows, wrapped for each who may read them. Rows name
// their ring by its id as a text, never as a link: who keeps the rows need not keep the ring, and without it they stay
// sealed for good. Bytes in, checked values out, and back; wrapping is done elsewhere.

import { CID } from 'multiformats/cid';
import { fromHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { Block } from '../block/block.ts';
import { decodeFields, fieldsOf } from '../block/cbor-fields.ts';
import { MAX_MEMBERS, MEMBER_KEY_BYTES, readDatanet } from './datanet-members.ts';
import { FormatError } from '../errors.ts';
import { cborBlock } from './paged-list.ts';

export const KEYS_KIND = 'datanet/keys@1';
/** A key of AES-256 and the tag over it. */
const WRAPPED_BYTES = 48;
/** Members and the contributor. */
const MAX_WRAPS = MAX_MEMBERS + 1;
export const MAX_KEYS_BYTES = 1 << 20;

/** HPKE, RFC 9180: what the sender gave, and the sealed key. */
export interface WrappedKey {
  member: Hex;
  sent: Hex;
  wrapped: Hex;
}

export interface KeyRing {
  /** `chain:contract:id`. */
  datanet: string;
  contributor: Hex;
  /** Id of the ring that the rows name, when this one wraps the same key for others; null in that ring itself. */
  of: string | null;
  /** By member. */
  wraps: readonly WrappedKey[];
}

/** The block of a ring. @throws FormatError when it would not be read again */
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

/** @throws FormatError naming the field */
export function parseKeyRing(bytes: Uint8Array, file: string): KeyRing {
  if (bytes.length > MAX_KEYS_BYTES) {
    throw new FormatError(file, `it has ${bytes.length} bytes; a ring of keys has at most ${MAX_KEYS_BYTES}`);
  }
  const fields = decodeFields(bytes, ['kind', 'datanet', 'contributor', 'of', 'wraps'], file);
  if (fields.value('kind') !== KEYS_KIND) throw new FormatError(file, `it is no ${KEYS_KIND}`);
  const of = fields.optional('of', (name) => fields.text(name, 120));
  if (of !== null && !isRingId(of)) throw fields.bad('of', 'is no id of a ring');
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

/** A CIDv1 in base32, as rings are named in rows. */
export function isRingId(text: string): boolean {
  try {
    return CID.parse(text).toV1().toString() === text;
  } catch {
    return false;
  }
}
