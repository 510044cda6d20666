// Converts stored numbers to f32: little-endian F32, F16, BF16 and F64 bytes become a Float32Array. Refuses integer tensors,
// since no weight is one.

import { UnsupportedError } from '../errors.ts';
import type { TensorDtype } from './safetensors.ts';

/** f16 bit patterns to f32 values. */
export function halfToFloat(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const table = halfTable();
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = table[bits[i]!]!;
  return out;
}

/** bf16 bit patterns to f32 values: the upper half of an f32. */
export function bfloatToFloat(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = bits[i]! << 16;
  return new Float32Array(out.buffer);
}

/** Bytes of a tensor as f32. `where` names file and tensor in the error. */
export function decodeFloats(bytes: Uint8Array, dtype: TensorDtype, where: string): Float32Array<ArrayBuffer> {
  switch (dtype) {
    case 'F32':
      return new Float32Array(bytes.slice().buffer);
    case 'F16':
      return halfToFloat(words(bytes));
    case 'BF16':
      return bfloatToFloat(words(bytes));
    case 'F64':
      return Float32Array.from(new Float64Array(bytes.slice().buffer));
    default:
      throw new UnsupportedError(
        where,
        `dtype "${dtype}" is not a floating-point type`,
        'Convert the weights to F32, F16 or BF16.',
      );
  }
}

/** A typed view needs an even offset, which a range of a file may not have. */
const words = (bytes: Uint8Array): Uint16Array =>
  bytes.byteOffset % 2 === 0
    ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1)
    : new Uint16Array(bytes.slice().buffer);

let cachedHalves: Float32Array | undefined;

function halfTable(): Float32Array {
  if (cachedHalves) return cachedHalves;
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else if (exponent === 31) table[bits] = fraction ? NaN : sign * Infinity;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return (cachedHalves = table);
}
