// Finds who keeps a version: this device, and each pinner that the user named. A pinner has to send the manifest, which is hashed;
// whether it has all other blocks is not checked.

import type { CID } from 'multiformats/cid';
import { checkBlock } from '#lib/formats/block/block.ts';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { createGateway } from '#lib/ipfs/gateway.ts';
import type { IpfsNode } from '#lib/ipfs/node.ts';
import { isPinRoot } from '#lib/ipfs/pins.ts';
import { withoutCache } from '#lib/ipfs/without-cache.ts';

export interface Copy {
  /** Address of a pinner; null is this device. */
  at: string | null;
  state: 'kept' | 'missing' | 'unknown';
  /** Why the state is unknown. */
  trouble: string;
}

/**
 * Asks one after the other. @throws AbortedError, StoreFailedError
 *
 * @example
 * import { findCopies } from '#lib/flows/find-copies.ts';
 *
 * const pinners = ['https://pinner.example'];
 * for await (const { at, state } of findCopies(datanets.ipfs.node, version.cid, { pinners, fetch, signal }))
 *   show(`${at ?? 'This device'}: ${state}`);
 */
export async function* findCopies(
  node: IpfsNode,
  root: CID,
  { pinners, fetch, signal }: { pinners: readonly string[]; fetch: typeof globalThis.fetch; signal: AbortSignal },
): AsyncGenerator<Copy, void, void> {
  yield { at: null, state: (await isPinRoot(node, root)) ? 'kept' : 'missing', trouble: '' };
  for (const at of pinners) {
    try {
      const source = createGateway(at, { fetch: withoutCache(fetch) });
      await checkBlock({ cid: root, bytes: await source.block(root, { signal }) }, source.name);
      yield { at, state: 'kept', trouble: '' };
    } catch (error) {
      if (signal.aborted) throw new AbortedError(error);
      if (!(error instanceof PayableError)) throw error;
      const isMissing = error.code === 'ipfs/block-missing';
      yield { at, state: isMissing ? 'missing' : 'unknown', trouble: isMissing ? '' : error.message };
    }
  }
}
