// The story of what a Datanet says of itself becoming readable for others: its blocks are kept here and at the pinners before the
// registry is told.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { Block } from '#lib/core/format/block.ts';
import { pin } from '#lib/ipfs/pins.ts';
import { bringToPinners } from './bring-to-pinners.ts';
import type { DatanetContext } from './datanet-context.ts';

/** The digest that the registry keeps, of the last of `blocks`. @throws as `bringToPinners`, StorageFullError */
export async function keepDescription(
  context: Pick<DatanetContext, 'ipfs' | 'pinners'>,
  blocks: readonly Block[],
  name: string,
): Promise<Hex> {
  const title = `about ${name}`;
  const { cid } = blocks.at(-1)!;
  for (const one of blocks) await context.ipfs.node.blocks.put(one.cid, one.bytes);
  // What it names from before, such as the list of members, may never have been on this device.
  await context.ipfs.fetch(cid);
  await pin(context.ipfs.node, cid, { name: title });
  await bringToPinners(context, cid, title);
  return toHex(cid.multihash.digest);
}
