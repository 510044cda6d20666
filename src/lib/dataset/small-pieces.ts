// Splits bytes into pieces of at most 16 KiB. Objects made from a small piece die together in the garbage collector's young
// generation; larger pieces would be promoted to the old one, which is collected rarely.

import type { ByteSource } from '#lib/formats/block/car.ts';

const SMALL = 1 << 14;

export async function* inSmallPieces(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of source) {
    for (let at = 0; at < piece.length; at += SMALL) yield piece.subarray(at, at + SMALL);
  }
}
