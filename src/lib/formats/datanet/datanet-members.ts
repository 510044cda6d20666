// Members of a Datanet, `datanet/members@1`: addresses that may read sealed rows, each with its public key and the signature by
// which the address confirms the key. Converts between bytes and checked values; does not verify signatures.

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

/** What a user gives to the owner of a Datanet to become a member. */
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
  /** Sorted by address. */
  members: readonly MemberCard[];
}

/** For `signTypedData`: confirms the key, and that rows of this Datanet may be sealed for it. */
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

/** The block of the members, sorted by address. @throws FormatError when it could not be parsed again */
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

/** @throws FormatError that names the field */
export function parseMembers(bytes: Uint8Array, file: string): DatanetMembers {
  if (bytes.length > MAX_MEMBERS_BYTES) {
    throw new FormatError(file, `it has ${bytes.length} bytes; a list of members has at most ${MAX_MEMBERS_BYTES}`);
  }
  const fields = decodeFields(bytes, ['kind', 'datanet', 'members'], file);
  if (fields.value('kind') !== MEMBERS_KIND) throw new FormatError(file, `it is not a ${MEMBERS_KIND}`);
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

/** Field "datanet" of a block whose Datanet is on a chain. */
export function readDatanet(fields: Fields): string {
  const datanet = fields.text('datanet', 160);
  if (!isDatanetName(datanet)) throw fields.bad('datanet', 'is not chain:contract:id');
  return datanet;
}
