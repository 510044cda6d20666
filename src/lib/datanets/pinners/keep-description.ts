// Keeps the description of a Datanet here and at the pinners before the registry names it. If that transaction is never sent, the
// caller undoes it.

import type { CID } from 'multiformats/cid';
import type { Block } from '#lib/formats/block/block.ts';
import { isPinRoot, pin, unpin } from '#lib/ipfs/pins.ts';
import type { DatanetContext } from '../datanet-context.ts';
import { uploadToPinners } from './upload-to-pinners.ts';

type Keepers = Pick<DatanetContext, 'ipfs' | 'pinners'>;

/**
 * Keeps the graph of the last of `blocks`. The function it returns removes the pins that this call made, and no others.
 *
 * @throws as `uploadToPinners`, StorageFullError; then the pins that this call made are gone
 */
export async function keepDescription(
  context: Keepers,
  blocks: readonly Block[],
  name: string,
): Promise<() => Promise<void>> {
  const { node } = context.ipfs;
  const title = `about ${name}`;
  const { cid } = blocks.at(-1)!;
  const wasKept = await isPinRoot(node, cid);
  let fresh: readonly string[] = [];
  const undo = async () => {
    if (!wasKept) await unpin(node, cid);
    await removeAtPinners(context, cid, fresh);
  };
  try {
    for (const one of blocks) await node.blocks.put(one.cid, one.bytes);
    // It may link blocks that were never on this device, such as the list of members.
    await context.ipfs.fetch(cid);
    await pin(node, cid, { name: title });
    ({ fresh } = await uploadToPinners(context, cid, title));
  } catch (error) {
    await undo();
    throw error;
  }
  return undo;
}

/** The upload left a token for each of them, so no signature is asked for. */
async function removeAtPinners({ pinners }: Keepers, cid: CID, addresses: readonly string[]) {
  for (const { address, signIn } of pinners) {
    if (!addresses.includes(address)) continue;
    const client = await signIn();
    const own = (await client.list()).filter((one) => one.cid === cid.toString());
    for (const { requestId } of own) await client.remove(requestId);
  }
}
