// Members who may read a Datanet's sealed rows: a wallet signs a card, the owner adds or removes it, and the Datanet's
// description links the list. All blocks are hashed; a card is valid by its signature.

import { base64url } from 'multiformats/bases/base64';
import type { CID } from 'multiformats/cid';
import { zeroHash, type Hex } from 'viem';
import type { ChainContext, Signer } from '#lib/chain/context.ts';
import { datanetRegistryAbi } from '#lib/chain/abi/datanet-registry.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { Block } from '#lib/formats/block/block.ts';
import { encodeAbout, parseAbout, type DatanetAbout } from '#lib/formats/datanet/datanet-about.ts';
import {
  encodeMembers,
  memberTypedData,
  parseMembers,
  type DatanetMembers,
  type MemberCard,
} from '#lib/formats/datanet/datanet-members.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { BadCardError } from '#lib/dataset/errors.ts';
import { cidOfDigest } from '#lib/formats/block/cid-of-digest.ts';
import { datanetName } from '../datanet-name.ts';
import { checkCard, memberKey, memberKeyTypedData, type MemberKey } from '#lib/dataset/member-keys.ts';

export interface MembersContext {
  chain: ChainContext;
  digester: Digester;
  /** A block from this device or from the network. */
  block(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
}

export interface Membership {
  /** `chain:contract:id`. */
  datanet: string;
  about: DatanetAbout;
  members: readonly MemberCard[];
}

/** @throws FormatError, BadCardError (a card not signed by its address), and errors of reading */
export async function readMembership(
  { chain, block }: MembersContext,
  id: bigint,
  signal?: AbortSignal,
): Promise<Membership> {
  const registry = { address: chain.addresses.DatanetRegistry, abi: datanetRegistryAbi } as const;
  const { meta } = await chain.read.readContract({ ...registry, functionName: 'datanetOf', args: [id] });
  const datanet = datanetName(chain, id);
  if (meta === zeroHash) throw new FormatError(`Datanet ${id}`, 'it has no description');
  const about = parseAbout(await block(cidOfDigest(meta), signal), `The description of Datanet ${id}`);
  if (!about.members) return { datanet, about, members: [] };
  const list = parseMembers(await block(about.members, signal), `The members of Datanet ${id}`);
  if (list.datanet !== datanet)
    throw new FormatError(`The members of Datanet ${id}`, `they are those of ${list.datanet}`);
  for (const card of list.members) await checkCard(card, datanet);
  return { datanet, about, members: list.members };
}

/** The signer's key, derived from a wallet signature. @throws as the wallet */
export async function openMemberKey(signer: Signer, datanet: string, digester: Digester): Promise<MemberKey> {
  const member = signer.account.address.toLowerCase() as Hex;
  return memberKey(await signer.signTypedData(memberKeyTypedData(datanet, member)), digester);
}

/** The signer's card as a text for the owner. */
export async function makeCard(signer: Signer, datanet: string, key: MemberKey, digester: Digester): Promise<string> {
  const unsigned = { address: signer.account.address.toLowerCase() as Hex, publicKey: key.publicKey };
  const signature = await signer.signTypedData(memberTypedData(datanet, unsigned));
  return base64url.encode(encodeMembers({ datanet, members: [{ ...unsigned, signature }] }, digester).bytes);
}

/** The card in `text`. @throws BadCardError, FormatError */
export async function readCard(text: string, datanet: string): Promise<MemberCard> {
  let list: DatanetMembers;
  try {
    list = parseMembers(base64url.decode(text.replace(/\s+/g, '')), 'The card');
  } catch (cause) {
    throw new FormatError('The card', 'it cannot be read', { hint: 'Copy the whole text of it.', cause });
  }
  const [card, ...others] = list.members;
  if (!card || others.length > 0) throw new FormatError('The card', `it is of ${list.members.length} members`);
  if (list.datanet !== datanet) throw new BadCardError(card.address, `it is for ${list.datanet}`);
  await checkCard(card, datanet);
  return card;
}

/** The blocks that set `members` as the list, the new description last. */
export function describeMembers(
  { datanet, about }: Membership,
  members: readonly MemberCard[],
  digester: Digester,
): readonly Block[] {
  const list = members.length > 0 ? encodeMembers({ datanet, members }, digester) : null;
  return [...(list ? [list] : []), encodeAbout({ ...about, members: list?.cid }, digester)];
}
