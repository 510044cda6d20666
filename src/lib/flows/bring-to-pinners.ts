// The story of having others keep what is here: each pinner the reader named gets what it has not, in one upload. What one of them
// has already is not sent again, so that the story can be told again after it broke off.

import type { CID } from 'multiformats/cid';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { carBlob } from '#lib/ipfs/car-blob.ts';
import type { DatanetContext } from './datanet-context.ts';

export interface Brought {
  /** Addresses of pinners that keep it now. */
  at: readonly string[];
  /** What the others answered. */
  trouble: readonly PayableError[];
}

/**
 * Brings the graph of `root`, whole on this device, to every pinner. Without pinners it does nothing.
 *
 * @throws the last trouble when there are pinners and none took it; AbortedError, BlockMissingError
 */
export async function bringToPinners(
  { ipfs, pinners }: Pick<DatanetContext, 'ipfs' | 'pinners'>,
  root: CID,
  name: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<Brought> {
  const at: string[] = [];
  const trouble: PayableError[] = [];
  let car: Blob | null = null;
  for (const { address, enter } of pinners) {
    try {
      const client = await enter(signal);
      const known = (await client.list({ signal })).find(
        ({ cid, status }) => cid === root.toString() && status !== 'failed',
      );
      if (known?.status !== 'pinned') {
        car ??= await carBlob(ipfs.node, root, { signal });
        await client.upload(car, { name, signal });
      }
      at.push(address);
    } catch (error) {
      if (signal?.aborted) throw new AbortedError(error);
      if (!(error instanceof PayableError)) throw error;
      trouble.push(error);
    }
  }
  if (at.length === 0 && trouble.length > 0) throw trouble.at(-1)!;
  return { at, trouble };
}
