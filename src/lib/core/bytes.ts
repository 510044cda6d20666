// Bytes, and numbers as bytes the way contracts lay them out: big endian, of a fixed width. It knows no meaning of either.

import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { OutOfRangeError } from './errors.ts';

export type Hex = `0x${string}`;

export const toHex = (bytes: Uint8Array): Hex => `0x${bytesToHex(bytes)}`;
export const fromHex = (hex: Hex): Uint8Array => hexToBytes(hex.slice(2));

/** `value` in `size` bytes. */
export function uintBytes(value: bigint | number, size: number): Uint8Array {
  const digits = BigInt(value)
    .toString(16)
    .padStart(size * 2, '0');
  if (value < 0 || digits.length > size * 2) throw new OutOfRangeError(`${value} does not fit into ${size} bytes`);
  return hexToBytes(digits);
}

/** Exactly `size` bytes of `hex`. */
export function sizedBytes(hex: Hex, size: number): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes.length !== size) throw new OutOfRangeError(`${hex.slice(0, 80)} has ${bytes.length} bytes, not ${size}`);
  return bytes;
}
