// Random values of the kinds that contracts hash.

import fc from 'fast-check';
import type { Hex } from '#lib/core/bytes.ts';
import type { InfluenceRow } from '#lib/formats/payment/influence.ts';

export const bytes = (size: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((found): Hex => `0x${Buffer.from(found).toString('hex')}`);

export const vectors = fc.int8Array({ minLength: 256, maxLength: 256 });
export const uint = (bits: number) => fc.bigInt(0n, 2n ** BigInt(bits) - 1n);
export const uint32 = fc.nat(0xffff_ffff);

export const influenceRows: fc.Arbitrary<InfluenceRow> = fc.record({
  rowLeaf: bytes(32),
  cluster: uint32,
  contributor: bytes(20),
  datanet: uint(64),
  version: uint32,
  scale: fc.nat(0xffff),
  vector: vectors,
});
