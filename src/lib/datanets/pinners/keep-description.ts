// Keeps the description of a Datanet here and at the pinners before the registry names it. If that transaction is never sent, the
// caller undoes it.

import type { CID } from 'multiformats/cid';
import type { Block } from '#lib/formats/block/block.ts';
import { isPinRoot, pin, unpin } from '#lib/ipfs/pins.ts';
import { bringToPinners } from './bring-to-pinners.ts';
import type { DatanetContext } from '../datanet-context.ts';

type Keepers = Pick<DatanetContext, 'ipfs' | 'pinners'>;

/**
 * Keeps the graph of the last of `blocks`. What comes back lets go of what this call began to keep, and of nothing else.
 *
 * @throws as `bringToPinners`, StorageFullError; nothing is kept then that was not kept before
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
  const letGo = async () => {
    if (!wasKept) await unpin(node, cid);
    await letGoAtPinners(context, cid, fresh);
  };
  try {
    for (const one of blocks) await node.blocks.put(one.cid, one.bytes);
    // What it names from before, such as the list of members, may never have been on this device.
    await context.ipfs.fetch(cid);
    await pin(node, cid, { name: title });
    ({ fresh } = await bringToPinners(context, cid, title));
  } catch (error) {
    await letGo();
    throw error;
  }
  return letGo;
}

/** They are entered with the tokens that bringing it left, so no signature is asked for. */
async function letGoAtPinners({ pinners }: Keepers, cid: CID, addresses: readonly string[]) {
  for (const { address, enter } of pinners) {
    if (!addresses.includes(address)) continue;
    const client = await enter();
    const own = (await client.list()).filter((one) => one.cid === cid.toString());
    for (const { requestId } of own) await client.remove(requestId);
  }
}
