// A picture of an import as a UnixFS file, by the profile all files have, ready to lie in a CAR beside the row that names it.

import { MemoryBlockstore } from 'blockstore-core';
import { MemoryDatastore } from 'datastore-core';
import type { CID } from 'multiformats/cid';
import { addFile } from '#lib/ipfs/add-files.ts';
import { exportCar } from '#lib/ipfs/export-car.ts';
import { createIpfsNode } from '#lib/ipfs/node.ts';

export interface FileCar {
  cid: CID;
  /** The CAR; the file is its root. */
  pieces: Uint8Array[];
}

/** @throws AbortedError */
export async function fileAsCar(bytes: Uint8Array, signal: AbortSignal): Promise<FileCar> {
  const stores = { blocks: new MemoryBlockstore(), data: new MemoryDatastore(), close: async () => undefined };
  const node = await createIpfsNode(stores);
  try {
    const cid = await addFile(node, bytes, { signal });
    const pieces: Uint8Array[] = [];
    for await (const piece of exportCar(node, cid, { signal })) pieces.push(piece);
    return { cid, pieces };
  } finally {
    await node.dispose();
  }
}
