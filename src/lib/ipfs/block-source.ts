// Where blocks come from besides this device: an HTTP gateway, peers. Whatever a source hands out is checked by who asked.
// Types only.

import type { CID } from 'multiformats/cid';
import type { ByteSource } from '#lib/formats/block/car.ts';

export interface Asking {
  signal?: AbortSignal | undefined;
}

export interface BlockSource {
  /** Shown to people. */
  readonly name: string;
  /** @throws BlockMissingError when it says it has none, SourceFailedError when it says nothing sensible, AbortedError */
  block(cid: CID, asking?: Asking): Promise<Uint8Array>;
  /** The whole graph in one stream, the root first and children after their parents. Throws as `block`, also midway. */
  car?(root: CID, asking?: Asking): Promise<ByteSource>;
}
