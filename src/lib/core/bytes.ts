// Bytes, and numbers as bytes the way contracts lay them out: big endian, of a fixed width. It knows no meaning of either.

import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { OutOfRangeError } from './errors.ts';

export type Hex = `0x${string}`;

const WORD = (1n << 64n) - 1n;

export const toHex = (bytes: Uint8Array): Hex => `0x${bytesToHex(bytes)}`;
export const fromHex = (hex: Hex): Uint8Array => hexToBytes(hex.slice(2));

/** `value` in `size` bytes, at most 64 of them. */
export function uintBytes(value: bigint | number, size: number): Uint8Array {
  let rest = BigInt(value);
  if (rest < 0n || rest >> BigInt(8 * size) !== 0n)
    throw new OutOfRangeError(`${value} does not fit into ${size} bytes`);
  // In words of 64 bits: trees are made of these, and the way over digits is slow.
  const wide = new DataView(new ArrayBuffer(64));
  for (let at = 56; rest !== 0n; at -= 8) {
    wide.setBigUint64(at, rest & WORD);
    rest >>= 64n;
  }
  return new Uint8Array(wide.buffer, 64 - size, size);
}

/** Exactly `size` bytes of `hex`. */
export function sizedBytes(hex: Hex, size: number): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes.length !== size) throw new OutOfRangeError(`${hex.slice(0, 80)} has ${bytes.length} bytes, not ${size}`);
  return bytes;
}

/** All `parts`, one after the other; a single one as it is. */
export const joinBytes = (parts: readonly Uint8Array[]): Uint8Array =>
  parts.length === 1 ? parts[0]! : concatBytes(...parts);
