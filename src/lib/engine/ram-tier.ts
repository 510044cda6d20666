// Packed adapters kept in RAM within a budget; the least recently used is forgotten first. It knows sizes and use, nothing else.

import type { PackedAdapter } from '#lib/model/lora.ts';
import { createLru } from './lru.ts';

export interface Packable {
  /** When packed. */
  readonly bytes: number;
  /** The copy in RAM. */
  packed: PackedAdapter | null;
}

export interface RamTier<T extends Packable> {
  keep(item: T, packed: PackedAdapter): void;
  /** It was used. */
  touch(item: T): void;
  forget(item: T): void;
}

export function createRamTier<T extends Packable>(maxBytes: number): RamTier<T> {
  const kept = createLru<T>();
  let usedBytes = 0;
  const forget = (item: T) => {
    item.packed = null;
    if (kept.remove(item)) usedBytes -= item.bytes;
  };
  return {
    forget,
    keep(item, packed) {
      if (!item.packed) usedBytes += item.bytes;
      item.packed = packed;
      kept.touch(item);
      while (usedBytes > maxBytes && kept.oldest) forget(kept.oldest);
    },
    touch(item) {
      if (item.packed) kept.touch(item);
    },
  };
}
