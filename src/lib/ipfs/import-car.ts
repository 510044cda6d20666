// A CAR becomes blocks of this device, as a whole or not at all. Its blocks were hashed while they were read; this file checks that the graph is
// complete and that the CAR holds no other blocks.

import type { CID } from 'multiformats/cid';
import { readCar, type ByteSource, type CarOptions } from '#lib/formats/block/car.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { ArrivingDepth } from './arriving-depth.ts';
import { BlockMissingError } from './errors.ts';
import type { IpfsNode } from './node.ts';
import { allOrNothing, type Undoable } from './undo.ts';
import { walkDag } from './walk.ts';

export interface ImportOptions extends CarOptions {
  /** The requested graph; the CAR must name it as a root. */
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
 * Imports a CAR whose graphs are complete together with the blocks of this device.
 *
 * @throws FormatError (no roots, another root), BlockMissingError (not complete), TooLargeError (too deep), StorageFullError, and as
 *   `readCar`. On an error the blocks of this call are removed.
 */
export const importCar = (node: IpfsNode, source: ByteSource, options: ImportOptions = {}): Promise<Imported> =>
  allOrNothing(node, (store) => importCarInto(store, node, source, options));

/** The same as a part of a larger operation. */
export async function importCarInto(
  store: Undoable,
  node: IpfsNode,
  source: ByteSource,
  options: ImportOptions,
): Promise<Imported> {
  const { name = 'CAR', root, signal } = options;
  const car = await readCar(source, options);
  try {
    const roots = root ? [root] : car.roots;
    if (roots.length === 0) throw new FormatError(name, 'it names no root', { hint: 'Export it with a root.' });
    if (root && !car.roots.some((named) => named.equals(root))) {
      throw new FormatError(name, `it is not of ${root.toString()}`, { hint: 'It is a CAR of something else.' });
    }
    const depth = new ArrivingDepth();
    let blocks = 0;
    let bytes = 0;
    for await (const block of car.blocks) {
      depth.add(block);
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
  } catch (error) {
    if (!(error instanceof BlockMissingError)) throw error;
    throw new FormatError(name, `it leaves out a block: ${error.message}`, {
      hint: 'Export it whole, or fetch first what it builds on.',
      cause: error,
    });
  } finally {
    await car.blocks.return();
  }
}
