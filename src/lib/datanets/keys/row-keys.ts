// Keys of sealed rows on this device: rings are stored apart from rows, shared as letters, and destroyed when the rows are
// withdrawn. `formats/datanet/datanet-keys.ts` defines a ring.

import { base64url } from 'multiformats/bases/base64';
import { CID } from 'multiformats/cid';
import { create as createDigest } from 'multiformats/hashes/digest';
import type { Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { DAG_CBOR, type Block } from '#lib/formats/block/block.ts';
import { parseKeyRing, type KeyRing } from '#lib/formats/datanet/datanet-keys.ts';
import type { MemberCard } from '#lib/formats/datanet/datanet-members.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { NotSealedForError } from '#lib/dataset/errors.ts';
import type { RowOpener } from '#lib/dataset/row-opener.ts';
import { wrapForAll } from '../contributions/seal-contribution.ts';
import type { IpfsNode } from '#lib/ipfs/node.ts';
import type { PinnerClient } from '#lib/ipfs/pinner-client.ts';
import { isPinRoot, listPins, pin, unpin } from '#lib/ipfs/pins.ts';

/** Pins of a Datanet's rings are found by this name. */
export const ringPinName = (datanet: string): string => `keys of ${datanet}`;

export interface KeptRing {
  cid: CID;
  ring: KeyRing;
}

/** Stores the block of a ring on this device. @throws StorageFullError */
export async function keepRing(node: IpfsNode, block: Block, datanet: string): Promise<void> {
  await node.blocks.put(block.cid, block.bytes);
  await pin(node, block.cid, { name: ringPinName(datanet) });
}

/** The rings of a Datanet on this device, including letters. */
export async function listRings(node: IpfsNode, datanet: string): Promise<KeptRing[]> {
  const found: KeptRing[] = [];
  for await (const { root, name } of listPins(node)) {
    if (name !== ringPinName(datanet)) continue;
    found.push({ cid: root, ring: parseKeyRing(await node.blocks.read(root), `Ring ${root.toString()}`) });
  }
  return found;
}

/** Members for whom the contributor's ring is not wrapped yet, in the ring itself or in its letters. */
export function membersWithout({ cid, ring }: KeptRing, all: readonly KeptRing[], members: readonly MemberCard[]) {
  const letters = all.filter((one) => one.ring.of === cid.toString());
  const has = new Set(
    [ring, ...letters.map((one) => one.ring)].flatMap(({ wraps }) => wraps.map(({ member }) => member)),
  );
  return members.filter(({ address }) => !has.has(address));
}

/** Writes a letter, the key of a contributor's ring for more members, and stores it here. Returns its text for the members. */
export async function writeLetter(
  node: IpfsNode,
  { cid, ring }: KeptRing,
  {
    opener,
    ownKey,
    members,
    digester,
  }: { opener: RowOpener; ownKey: Hex; members: readonly MemberCard[]; digester: Digester },
): Promise<string> {
  const of = cid.toString();
  const { datanet, contributor } = ring;
  const block = await wrapForAll(await opener.keyOf(of), of, { datanet, contributor, ownKey, members }, digester);
  await keepRing(node, block, datanet);
  return base64url.encode(block.bytes);
}

/** Stores a letter received from a contributor. @throws FormatError, NotSealedForError, StorageFullError */
export async function takeLetter(
  node: IpfsNode,
  text: string,
  { datanet, member, digester }: { datanet: string; member: Hex; digester: Digester },
): Promise<KeyRing> {
  const bytes = decodeLetter(text);
  const ring = parseKeyRing(bytes, 'The letter');
  if (ring.datanet !== datanet)
    throw new FormatError('The letter', `it is about ${ring.datanet}`, { hint: 'Open it there.' });
  if (!ring.wraps.some((wrap) => wrap.member === member)) throw new NotSealedForError(member);
  const cid = CID.createV1(DAG_CBOR, createDigest(0x12, digester.sha256(bytes)));
  await keepRing(node, { cid, bytes }, datanet);
  return ring;
}

/**
 * Destroys a ring and its letters, here and at the pinners, so that the rows stay sealed. Returns the number of removed pin
 * requests. Keys that members already opened or copied are out of reach.
 */
export async function shredRing(
  node: IpfsNode,
  ring: CID,
  datanet: string,
  pinners: readonly PinnerClient[],
  signal?: AbortSignal,
): Promise<number> {
  const id = ring.toString();
  const kept = await listRings(node, datanet);
  const all = [ring, ...kept.filter((one) => one.ring.of === id).map(({ cid }) => cid)];
  const names = new Set(all.map(String));
  let removed = 0;
  // Remove it at the pinners first: the local copy is needed to find what to remove.
  for (const pinner of pinners) {
    for (const request of await pinner.list({ signal })) {
      if (!names.has(request.cid)) continue;
      await pinner.remove(request.requestId, { signal });
      removed++;
    }
  }
  for (const cid of all) {
    if (await isPinRoot(node, cid)) await unpin(node, cid);
    if (await node.blocks.has(cid)) await node.blocks.delete(cid);
  }
  return removed;
}

function decodeLetter(text: string): Uint8Array {
  try {
    return base64url.decode(text.replace(/\s+/g, ''));
  } catch (cause) {
    throw new FormatError('The letter', 'it cannot be read', { hint: 'Copy the whole text of it.', cause });
  }
}
