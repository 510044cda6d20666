// A CAR becomes blocks of this device, or nothing of it does. Its blocks were hashed while they were read; here it is seen
// that nothing is missing from the graph and nothing else came along.

import type { CID } from 'multiformats/cid';
import { readCar, type ByteSource, type CarOptions } from '#lib/core/format/car.ts';
import { FormatError } from '#lib/core/format/errors.ts';
import { BlockMissingError } from './errors.ts';
import type { IpfsNode } from './node.ts';
import { allOrNothing } from './undo.ts';
import { walkDag } from './walk.ts';

export interface ImportOptions extends CarOptions {
  /** The graph that was asked for; the CAR has to name it as a root. */
  root?: CID | undefined;
  onProgress?(figures: { blocks: number; bytes: number }): void;
}

export interface Imported {
  roots: CID[];
  /** Blocks and bytes in the CAR. */
  blocks: number;
  bytes: number;
  /** Blocks that were new to this device. */
  added: number;
}

/**
 * Takes in a CAR whose graphs are complete together with what is here already.
 *
 * @throws FormatError (no roots, another root), BlockMissingError (not complete), StorageFullError, and as `readCar`.
 *   What this call wrote is removed then.
 */
export function importCar(node: IpfsNode, source: ByteSource, options: ImportOptions = {}): Promise<Imported> {
  const { name = 'CAR', root, signal } = options;
  return allOrNothing(node, async (store) => {
    const car = await readCar(source, options);
    const roots = root ? [root] : car.roots;
    if (roots.length === 0) throw new FormatError(name, 'it names no root', { hint: 'Export it with a root.' });
    if (root && !car.roots.some((named) => named.equals(root))) {
      await car.blocks.return();
      throw new FormatError(name, `it is not of ${root.toString()}`, { hint: 'It is a CAR of something else.' });
    }
    let blocks = 0;
    let bytes = 0;
    for await (const block of car.blocks) {
      await store.put(block.cid, block.bytes, signal ? { signal } : {});
      blocks++;
      bytes += block.bytes.length;
      options.onProgress?.({ blocks, bytes });
    }
    const wanted = new Set<string>();
    for await (const { cid } of walkDag((cid) => node.blocks.read(cid, signal), roots, { signal })) {
      wanted.add(cid.toString());
    }
    await store.takeBack((cid) => wanted.has(cid.toString()));
    return { roots, blocks, bytes, added: store.added };
  }).catch((error: unknown) => {
    if (!(error instanceof BlockMissingError)) throw error;
    throw new FormatError(name, `it leaves out a block: ${error.message}`, {
      hint: 'Export it whole, or fetch first what it builds on.',
      cause: error,
    });
  });
}
