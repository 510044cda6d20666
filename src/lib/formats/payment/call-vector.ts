// Vectors of signed bytes: of a row, and of a call with its scale. Floats are quantised before this point. Byte for byte like
// contracts/src/attribution/lib/{RowCodec,SketchDot}.sol.

import { uintBytes } from '#lib/core/bytes.ts';
import { OutOfRangeError } from '#lib/core/errors.ts';

/** Components of a vector. */
export const VECTOR_SIZE = 256;
/** Bytes of the vector of a call: its scale, then the components. */
export const CALL_VECTOR_BYTES = VECTOR_SIZE + 2;

/** The vector of a call. The scale says what a component was before it was quantised; weights do not depend on it. */
export interface CallVector {
  scale: number;
  values: Int8Array;
}

/** The components as bytes, without a copy. @throws OutOfRangeError */
export function vectorBytes(vector: Int8Array): Uint8Array {
  if (vector.length !== VECTOR_SIZE) throw new OutOfRangeError(`A vector has ${VECTOR_SIZE} components`);
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.length);
}

/** The 258 bytes whose hash is signed. */
export function encodeCallVector({ scale, values }: CallVector): Uint8Array {
  const bytes = new Uint8Array(CALL_VECTOR_BYTES);
  bytes.set(uintBytes(scale, 2));
  bytes.set(vectorBytes(values), 2);
  return bytes;
}

/** The sum of products; its magnitude is at most 2^22. @throws OutOfRangeError */
export function dotProduct(a: Int8Array, b: Int8Array): number {
  if (a.length !== VECTOR_SIZE || b.length !== VECTOR_SIZE) {
    throw new OutOfRangeError(`Vectors have ${VECTOR_SIZE} components`);
  }
  let sum = 0;
  // In 32 bits, which is a fifth faster.
  for (let at = 0; at < VECTOR_SIZE; at++) sum = (sum + Math.imul(a[at]!, b[at]!)) | 0;
  return sum;
}
