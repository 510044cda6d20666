// Uploads a graph from this device to each pinner that the user named, in one CAR. A pinner that has it already gets nothing, so an
// interrupted upload can be repeated.

import type { CID } from 'multiformats/cid';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { carBlob } from '#lib/ipfs/car-blob.ts';
import { PinnerRefusedError, type PinnerClient } from '#lib/ipfs/pinner-client.ts';
import type { DatanetContext } from '../datanet-context.ts';

export interface UploadOutcome {
  /** Addresses of the pinners that keep it now. */
  at: readonly string[];
  /** Those of them that did not keep it before. */
  fresh: readonly string[];
  /** Why the others did not take it. */
  trouble: readonly PayableError[];
}

/** A CAR that is being sent. `fetch` does not report how much of it has been sent. */
export interface UploadProgress {
  /** Address of the pinner. */
  pinner: string;
  bytes: number;
}

export interface UploadOptions {
  signal?: AbortSignal | undefined;
  /** Whether pinners may have a block from before: it and what is below it go only to pinners that lack it. */
  isKnown?: ((cid: CID) => boolean) | undefined;
  /** Called before each CAR is sent. */
  onProgress?: ((progress: UploadProgress) => void) | undefined;
}

/**
 * Uploads the graph of `root`, all of whose blocks are on this device, to every pinner. Without pinners it does nothing.
 *
 * @throws the last trouble when there are pinners and none took it; AbortedError, BlockMissingError
 */
export async function uploadToPinners(
  { ipfs, pinners }: Pick<DatanetContext, 'ipfs' | 'pinners'>,
  root: CID,
  name: string,
  options: UploadOptions = {},
): Promise<UploadOutcome> {
  const { signal } = options;
  const at: string[] = [];
  const fresh: string[] = [];
  const trouble: PayableError[] = [];
  const upload = createUpload({ ...options, ipfs, root, name });
  for (const { address, signIn } of pinners) {
    try {
      const client = await signIn(signal);
      const known = (await client.list({ signal })).find(
        ({ cid, status }) => cid === root.toString() && status !== 'failed',
      );
      if (known?.status !== 'pinned') {
        await upload(client, address);
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

/** Unauthorised, forbidden, too large, too many requests, no room: the whole graph would be refused as well. */
const FINAL: ReadonlySet<number> = new Set([401, 403, 413, 429, 507]);

interface Upload extends Pick<DatanetContext, 'ipfs'>, UploadOptions {
  root: CID;
  name: string;
}

/** Makes each CAR once, for all pinners. */
function createUpload({ ipfs, root, name, isKnown, signal, onProgress }: Upload) {
  let part: Blob | null = null;
  let whole: Blob | null = null;
  return async (client: PinnerClient, pinner: string): Promise<void> => {
    const send = (car: Blob) => {
      onProgress?.({ pinner, bytes: car.size });
      return client.upload(car, { name, signal });
    };
    if (isKnown) {
      part ??= await carBlob(ipfs.node, root, { signal, skip: isKnown });
      try {
        await send(part);
        return;
      } catch (error) {
        if (!(error instanceof PinnerRefusedError) || FINAL.has(error.status)) throw error;
        // This pinner lacks blocks that were left out.
      }
    }
    whole ??= await carBlob(ipfs.node, root, { signal });
    await send(whole);
  };
}
