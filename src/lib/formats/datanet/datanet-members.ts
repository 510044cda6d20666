// Who may read the sealed rows of a Datanet, `datanet/members@1`: addresses, each with a key to wrap for and the signature by
// which the address says that the key is its own. Bytes in, checked values out, and back; signatures are read elsewhere.

import { fromHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { Block } from '../block/block.ts';
import { decodeFields, fieldsOf, type Fields } from '../block/cbor-fields.ts';
import { datanetDomain } from './datanet-domain.ts';
import { isDatanetName } from './datanet-version.ts';
import { FormatError } from '../errors.ts';
import { cborBlock } from './paged-list.ts';

export const MEMBERS_KIND = 'datanet/members@1';
export const MAX_MEMBERS = 4096;
/** A point of P-256, uncompressed. */
export const MEMBER_KEY_BYTES = 65;
const SIGNATURE_BYTES = 65;
const MAX_MEMBERS_BYTES = 1 << 20;

/** What one hands to the owner of a Datanet to become a member of it. */
export interface MemberCard {
  address: Hex;
  /** P-256, uncompressed. */
  publicKey: Hex;
  /** EIP-712, by the address; see `memberTypedData`. */
  signature: Hex;
}

export interface DatanetMembers {
  /** `chain:contract:id`. */
  datanet: string;
  /** By address. */
  members: readonly MemberCard[];
}

/** Ready for `signTypedData`: this key is mine, and rows of this Datanet may be sealed for it. */
export const memberTypedData = (datanet: string, { address, publicKey }: Omit<MemberCard, 'signature'>) => ({
  domain: datanetDomain(datanet),
  types: {
    DatanetMember: [
      { name: 'datanet', type: 'string' },
      { name: 'member', type: 'address' },
      { name: 'publicKey', type: 'bytes' },
    ],
  } as const,
  primaryType: 'DatanetMember' as const,
  message: { datanet, member: address, publicKey },
});

/** The block of the members, by address. @throws FormatError when it would not be read again */
export function encodeMembers({ datanet, members }: DatanetMembers, digester: Digester): Block {
  const sorted = [...members].sort((a, b) => (a.address < b.address ? -1 : 1));
  const entries = sorted.map(({ address, publicKey, signature }) => ({
    address: fromHex(address),
    publicKey: fromHex(publicKey),
    signature: fromHex(signature),
  }));
  const block = cborBlock({ kind: MEMBERS_KIND, datanet, members: entries }, digester);
  parseMembers(block.bytes, 'The list of members');
  return block;
}

/** @throws FormatError naming the field */
export function parseMembers(bytes: Uint8Array, file: string): DatanetMembers {
  if (bytes.length > MAX_MEMBERS_BYTES) {
    throw new FormatError(file, `it has ${bytes.length} bytes; a list of members has at most ${MAX_MEMBERS_BYTES}`);
  }
  const fields = decodeFields(bytes, ['kind', 'datanet', 'members'], file);
  if (fields.value('kind') !== MEMBERS_KIND) throw new FormatError(file, `it is no ${MEMBERS_KIND}`);
  const members = fields.list('members', MAX_MEMBERS, (entry, at) => {
    const card = fieldsOf(entry, ['address', 'publicKey', 'signature'], file, at);
    return {
      address: card.hex('address', 20),
      publicKey: card.hex('publicKey', MEMBER_KEY_BYTES),
      signature: card.hex('signature', SIGNATURE_BYTES),
    };
  });
  members.forEach(({ address }, at) => {
    if (at > 0 && members[at - 1]!.address >= address) throw fields.bad('members', `is not sorted at [${at}]`);
  });
  return { datanet: readDatanet(fields), members };
}

/** Field "datanet" of a block that belongs to one on a chain. */
export function readDatanet(fields: Fields): string {
  const datanet = fields.text('datanet', 160);
  if (!isDatanetName(datanet)) throw fields.bad('datanet', 'is not chain:contract:id');
  return datanet;
}
