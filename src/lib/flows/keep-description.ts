// The story of what a Datanet says of itself becoming readable for others: its blocks are kept here and at the pinners before the
// registry is told.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { Block } from '#lib/core/format/block.ts';
import { bringToPinners } from './bring-to-pinners.ts';
import { keepBlocks, type DatanetContext } from './datanet-context.ts';

/** The digest that the registry keeps, of the last of `blocks`. @throws as `bringToPinners`, StorageFullError */
export async function keepDescription(
  context: Pick<DatanetContext, 'ipfs' | 'pinners'>,
  blocks: readonly Block[],
  name: string,
): Promise<Hex> {
  const title = `about ${name}`;
  const { cid } = blocks.at(-1)!;
  await keepBlocks(context.ipfs, blocks, title);
  await bringToPinners(context, cid, title);
  return toHex(cid.multihash.digest);
}
