// A graph of this device as a CAR: the root first, then every block below it, each once.

import type { CID } from 'multiformats/cid';
import { checkBlock } from '#lib/formats/block/block.ts';
import { writeCar } from '#lib/formats/block/car.ts';
import type { IpfsNode } from './node.ts';
import { walkDag, type WalkOptions } from './walk.ts';

export interface ExportOptions extends WalkOptions {
  onProgress?(figures: { blocks: number; bytes: number }): void;
}

/** Each block is hashed again on its way out, so a damaged disk is noticed here and not by the receiver. @throws BlockMissingError */
export async function* exportCar(
  node: IpfsNode,
  root: CID,
  options: ExportOptions = {},
): AsyncGenerator<Uint8Array, void> {
  async function* blocks() {
    let count = 0;
    let bytes = 0;
    for await (const block of walkDag((cid) => node.blocks.read(cid, options.signal), [root], options)) {
      await checkBlock(block, 'Block of this device');
      yield block;
      bytes += block.bytes.length;
      options.onProgress?.({ blocks: ++count, bytes });
    }
  }
  yield* writeCar([root], blocks());
}
