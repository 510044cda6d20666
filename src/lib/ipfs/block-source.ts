// Types of the places that blocks come from besides this device: an HTTP gateway, peers. The caller hashes every block it receives.

import type { CID } from 'multiformats/cid';
import type { ByteSource } from '#lib/formats/block/car.ts';

export interface Asking {
  signal?: AbortSignal | undefined;
}

export interface BlockSource {
  /** Shown to people. */
  readonly name: string;
  /** @throws BlockMissingError when the source has no such block, SourceFailedError on an unusable answer, AbortedError */
  block(cid: CID, asking?: Asking): Promise<Uint8Array>;
  /** The whole graph in one stream, the root first and children after their parents. Throws as `block`, also midway. */
  car?(root: CID, asking?: Asking): Promise<ByteSource>;
}
