// Keeps copies of a version: fetches all of its blocks to this device, then pins them here or uploads them to the user's pinners.

import type { CID } from 'multiformats/cid';
import { eventsDuring } from '#lib/core/events-during.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { uploadToPinners, type UploadOutcome, type UploadProgress } from '#lib/datanets/pinners/upload-to-pinners.ts';
import { pin } from '#lib/ipfs/pins.ts';

export type KeepEvent =
  /** Blocks on this device so far. */
  | { type: 'fetching'; blocks: number; bytes: number }
  | ({ type: 'uploading' } & UploadProgress)
  /** Addresses of the pinners that keep it; none when it is kept here. */
  | { type: 'kept'; pinners: readonly string[] };

export interface KeepInput {
  root: CID;
  /** Shown in lists of pins. */
  name: string;
  at: 'device' | 'pinners';
}

/**
 * @throws as `IpfsAccess.fetch`, `pin` and `uploadToPinners`
 *
 * @example
 * import { keepCopies } from '#lib/flows/keep-copies.ts';
 *
 * const input = { root: version.cid, name: 'Rare birds', at: 'pinners' } as const;
 * for await (const event of keepCopies(datanets, input, { signal })) {
 *   if (event.type === 'kept') show(`Kept at ${event.pinners.join(', ')}`);
 * }
 */
export async function* keepCopies(
  context: Pick<DatanetContext, 'ipfs' | 'pinners'>,
  { root, name, at }: KeepInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<KeepEvent, void, void> {
  const { ipfs } = context;
  yield* eventsDuring<KeepEvent, unknown>((push) =>
    ipfs.fetch(root, { signal, onProgress: ({ blocks, bytes }) => push({ type: 'fetching', blocks, bytes }) }),
  );
  if (at === 'device') {
    await pin(ipfs.node, root, { name, signal });
    yield { type: 'kept', pinners: [] };
    return;
  }
  const outcome = yield* eventsDuring<KeepEvent, UploadOutcome>((push) => {
    const onProgress = (progress: UploadProgress) => push({ type: 'uploading', ...progress });
    return uploadToPinners(context, root, name, { signal, onProgress });
  });
  yield { type: 'kept', pinners: outcome.at };
}
