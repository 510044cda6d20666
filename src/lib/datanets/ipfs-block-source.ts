// Lets readers of versions and contributions read through IPFS: a block comes from this device, else from pinners and peers.

import type { BlockSource } from '#lib/dataset/read-blocks.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import type { IpfsAccess } from './datanet-context.ts';

/** `name` is shown in errors. */
export const ipfsBlockSource = ({ block }: Pick<IpfsAccess, 'block'>, name: string): BlockSource => ({
  name,
  get: (cid, signal) =>
    block(cid, signal).catch((error: unknown) => {
      if (error instanceof BlockMissingError) return null;
      throw error;
    }),
});
