// Uploads a graph from this device to each pinner that the user named, in one CAR. A pinner that has it already gets nothing, so the
// upload can be repeated after it broke off.

import type { CID } from 'multiformats/cid';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { carBlob } from '#lib/ipfs/car-blob.ts';
import { PinnerRefusedError, type PinnerClient } from '#lib/ipfs/pinner-client.ts';
import type { DatanetContext } from '../datanet-context.ts';

export interface Brought {
  /** Addresses of pinners that keep it now. */
  at: readonly string[];
  /** Those of them that had it not before. */
  fresh: readonly string[];
  /** What the others answered. */
  trouble: readonly PayableError[];
}

export interface BringOptions {
  signal?: AbortSignal | undefined;
  /** Whether pinners may have a block from before: it and what is below it go only to those who have not. */
  isKnown?: ((cid: CID) => boolean) | undefined;
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
  { signal, isKnown }: BringOptions = {},
): Promise<Brought> {
  const at: string[] = [];
  const fresh: string[] = [];
  const trouble: PayableError[] = [];
  const upload = createUpload({ ipfs, root, isKnown, signal });
  for (const { address, enter } of pinners) {
    try {
      const client = await enter(signal);
      const known = (await client.list({ signal })).find(
        ({ cid, status }) => cid === root.toString() && status !== 'failed',
      );
      if (known?.status !== 'pinned') {
        await upload(client, name);
        fresh.push(address);
      }
      at.push(address);
    } catch (error) {
      if (signal?.aborted) throw new AbortedError(error);
      if (!(error instanceof PayableError)) throw error;
      trouble.push(error);
    }
  }
  if (at.length === 0 && trouble.length > 0) throw trouble.at(-1)!;
  return { at, fresh, trouble };
}

/** Who it is, how much he may keep, how often he may ask: the whole graph would be refused as well. */
const FOR_GOOD: ReadonlySet<number> = new Set([401, 403, 413, 429, 507]);

/** Makes each CAR once, for all pinners. */
function createUpload({
  ipfs,
  root,
  isKnown,
  signal,
}: Pick<DatanetContext, 'ipfs'> & BringOptions & { root: CID }): (client: PinnerClient, name: string) => Promise<void> {
  let part: Blob | null = null;
  let whole: Blob | null = null;
  return async (client, name) => {
    if (isKnown) {
      part ??= await carBlob(ipfs.node, root, { signal, skip: isKnown });
      try {
        await client.upload(part, { name, signal });
        return;
      } catch (error) {
        if (!(error instanceof PinnerRefusedError) || FOR_GOOD.has(error.status)) throw error;
        // It has not what was left out.
      }
    }
    whole ??= await carBlob(ipfs.node, root, { signal });
    await client.upload(whole, { name, signal });
  };
}
