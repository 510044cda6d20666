// A gateway as a block store that prefetches blocks known to follow. What it sends is checked by its readers.

import type { CID } from 'multiformats/cid';
import type { BlockSource } from '#lib/dataset/read-blocks.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { createGateway } from '#lib/ipfs/gateway.ts';

/** Where `payable pin-node` listens. */
export const GATEWAY = 'http://127.0.0.1:4180';
/** Blocks requested ahead. */
const AHEAD = 8;

export function gatewaySource(
  address: string,
  signal: AbortSignal,
): BlockSource & { expect(cids: readonly CID[]): void } {
  const gateway = createGateway(address, { fetch });
  const waiting = new Map<string, Promise<Uint8Array | null>>();
  let coming: CID[] = [];
  const ask = (cid: CID): Promise<Uint8Array | null> =>
    gateway.block(cid, { signal }).catch((error: unknown) => {
      if (error instanceof BlockMissingError) return null;
      throw error;
    });
  const fill = (): void => {
    while (waiting.size < AHEAD && coming.length > 0) {
      const cid = coming.shift()!;
      const asked = ask(cid);
      // Prevents an unhandled rejection; the reader of the block gets the error.
      asked.catch(() => undefined);
      waiting.set(cid.toString(), asked);
    }
  };
  return {
    name: gateway.name,
    expect(cids) {
      coming = [...cids];
      fill();
    },
    get(cid) {
      const key = cid.toString();
      const found = waiting.get(key) ?? ask(cid);
      waiting.delete(key);
      fill();
      return found;
    },
  };
}
