// Keeps a small graph that was just made on this device.

import type { Block } from '#lib/formats/block/block.ts';
import type { IpfsNode } from './node.ts';
import { pin } from './pins.ts';

/** Stores `blocks` and pins the graph of the last one under `name`. @throws StorageFullError, BlockMissingError */
export async function keepBlocks(node: IpfsNode, blocks: readonly Block[], name: string): Promise<void> {
  for (const { cid, bytes } of blocks) await node.blocks.put(cid, bytes);
  await pin(node, blocks.at(-1)!.cid, { name });
}
