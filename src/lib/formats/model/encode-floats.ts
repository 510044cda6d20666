// f32 values as the little-endian bytes of a stored type, rounded to the nearest value of it (ties to even).

import { toHalf } from '#lib/core/half.ts';
import { UnsupportedError } from '../errors.ts';
import type { TensorDtype } from './safetensors.ts';

/** `where` names file and tensor in the error. @throws UnsupportedError when a finite value is too great for f16 */
export function encodeFloats(
  values: Float32Array<ArrayBuffer>,
  dtype: TensorDtype,
  where: string,
): Uint8Array<ArrayBuffer> {
  switch (dtype) {
    case 'F32':
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    case 'F64':
      return new Uint8Array(Float64Array.from(values).buffer);
    case 'F16':
      return new Uint8Array(halves(values, where).buffer);
    case 'BF16':
      return new Uint8Array(upperHalves(values).buffer);
    default:
      throw new UnsupportedError(where, `floats cannot be written as "${dtype}"`, 'Choose F32, F16 or BF16.');
  }
}

const INFINITE_HALF = 0x7c00;

function halves(values: Float32Array, where: string): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const bits = toHalf(value);
    if ((bits & 0x7fff) === INFINITE_HALF && Number.isFinite(value)) {
      throw new UnsupportedError(
        where,
        `the value ${value} is too great for f16`,
        'Keep the type of the base, or write f32.',
      );
    }
    out[i] = bits;
  }
  return out;
}

function upperHalves(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const isNan = (word & 0x7fff_ffff) > 0x7f80_0000;
    out[i] = isNan ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return out;
}
