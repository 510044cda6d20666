// Pieces of bytes no larger than 16 KiB. What is made of one piece is soon of no use to anybody, and a JavaScript engine gives
// memory of short lives back at once; that of a larger piece it moves to where it looks rarely.

import type { ByteSource } from '#lib/formats/block/car.ts';

const SMALL = 1 << 14;

export async function* inSmallPieces(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of source) {
    for (let at = 0; at < piece.length; at += SMALL) yield piece.subarray(at, at + SMALL);
  }
}
