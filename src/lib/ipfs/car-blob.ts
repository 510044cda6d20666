// A CAR as one Blob, to be uploaded or saved. Browsers put large Blobs on disk; memory holds one batch of blocks.

import type { CID } from 'multiformats/cid';
import { exportCar, type ExportOptions } from './export-car.ts';
import type { IpfsNode } from './node.ts';

const BATCH_BYTES = 16 << 20;

/** @throws as `exportCar` */
export async function carBlob(node: IpfsNode, root: CID, options: ExportOptions = {}): Promise<Blob> {
  const type = 'application/vnd.ipld.car';
  let whole = new Blob([], { type });
  let batch: BlobPart[] = [];
  let bytes = 0;
  for await (const piece of exportCar(node, root, options)) {
    batch.push(piece as Uint8Array<ArrayBuffer>);
    bytes += piece.length;
    if (bytes < BATCH_BYTES) continue;
    whole = new Blob([whole, ...batch], { type });
    [batch, bytes] = [[], 0];
  }
  return new Blob([whole, ...batch], { type });
}
