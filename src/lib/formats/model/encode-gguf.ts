// A GGUF file, written from front to back: metadata, places of tensors, then tensors one after the other, so that no more than one
// is held. It knows the format; it does not know models.

import type { GgufValue } from './gguf-header.ts';

export type GgufField =
  | [key: string, type: 'u32' | 'f32', value: number]
  | [key: string, type: 'bool', value: boolean]
  | [key: string, type: 'text', value: string]
  | [key: string, type: 'texts', value: readonly string[]]
  | [key: string, type: 'ints', value: readonly number[]]
  | [key: string, type: 'uints', value: readonly number[]];

export interface WrittenGgufTensor {
  name: string;
  /** Rows first. */
  shape: readonly number[];
  type: 'F32' | 'F16' | 'BF16';
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

const ALIGNMENT = 32;
const TYPES = { F32: { id: 0, bytes: 4 }, F16: { id: 1, bytes: 2 }, BF16: { id: 30, bytes: 2 } };
const VALUE = { u32: 4, uints: 4, ints: 5, f32: 6, bool: 7, text: 8, list: 9 } as const;

const aligned = (size: number) => Math.ceil(size / ALIGNMENT) * ALIGNMENT;
const bytesOf = ({ shape, type }: WrittenGgufTensor) => shape.reduce((size, side) => size * side, TYPES[type].bytes);

export async function* encodeGguf(
  fields: readonly GgufField[],
  tensors: readonly WrittenGgufTensor[],
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield encodeHead(fields, tensors);
  for (const tensor of tensors) {
    signal?.throwIfAborted();
    yield await tensor.read();
    const size = bytesOf(tensor);
    yield new Uint8Array(aligned(size) - size);
  }
}

/** The size of the whole file. */
export const ggufBytes = (fields: readonly GgufField[], tensors: readonly WrittenGgufTensor[]): number =>
  tensors.reduce((sum, tensor) => sum + aligned(bytesOf(tensor)), encodeHead(fields, tensors).length);

function encodeHead(fields: readonly GgufField[], tensors: readonly WrittenGgufTensor[]): Uint8Array<ArrayBuffer> {
  const head = new Writer();
  head.u32(0x46554747);
  head.u32(3);
  head.u64(tensors.length);
  head.u64(fields.length);
  for (const [key, type, value] of fields) {
    head.text(key);
    if (type === 'texts' || type === 'ints' || type === 'uints') {
      head.u32(VALUE.list);
      head.u32(type === 'texts' ? VALUE.text : VALUE[type]);
      head.u64(value.length);
      for (const item of value) head.value(type === 'texts' ? 'text' : 'ints', item);
    } else {
      head.u32(VALUE[type]);
      head.value(type, value);
    }
  }
  let at = 0;
  for (const tensor of tensors) {
    head.text(tensor.name);
    head.u32(tensor.shape.length);
    for (const side of [...tensor.shape].reverse()) head.u64(side);
    head.u32(TYPES[tensor.type].id);
    head.u64(at);
    at += aligned(bytesOf(tensor));
  }
  return head.end();
}

class Writer {
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(1 << 16);
  #size = 0;

  #take(count: number): DataView {
    if (this.#size + count > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#size + count));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#size += count;
    return new DataView(this.#bytes.buffer, this.#size - count, count);
  }

  u32(value: number) {
    this.#take(4).setUint32(0, value, true);
  }

  u64(value: number) {
    this.#take(8).setBigUint64(0, BigInt(value), true);
  }

  text(value: string) {
    const bytes = this.#encoder.encode(value);
    this.u64(bytes.length);
    const place = this.#take(bytes.length);
    new Uint8Array(place.buffer, place.byteOffset, bytes.length).set(bytes);
  }

  value(type: 'u32' | 'ints' | 'f32' | 'bool' | 'text', value: GgufValue) {
    if (type === 'text') this.text(value as string);
    else if (type === 'bool') this.#take(1).setUint8(0, value ? 1 : 0);
    else if (type === 'f32') this.#take(4).setFloat32(0, value as number, true);
    else this.#take(4).setInt32(0, value as number, true);
  }

  /** The head, with the zeros that the first tensor is aligned by. */
  end(): Uint8Array<ArrayBuffer> {
    const size = aligned(this.#size);
    this.#take(size - this.#size);
    return this.#bytes.slice(0, size);
  }
}
