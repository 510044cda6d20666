// GGUF files, byte by byte, so that tests can write wrong ones.

import { joinedBytes } from './torch-archive.ts';

export type Field = [key: string, type: 'u32' | 'f32' | 'bool' | 'text' | 'texts' | 'floats' | 'ints', value: unknown];

export interface WrittenTensor {
  name: string;
  /** Rows first. */
  shape: readonly number[];
  /** ggml's number; 0 is F32. */
  type?: number;
  data: Uint8Array;
  /** In place of where it lies. */
  offset?: number;
}

export function u32(value: number): Uint8Array {
  const out = new DataView(new ArrayBuffer(4));
  out.setUint32(0, value, true);
  return new Uint8Array(out.buffer);
}

export function u64(value: number | bigint): Uint8Array {
  const out = new DataView(new ArrayBuffer(8));
  out.setBigUint64(0, BigInt(value), true);
  return new Uint8Array(out.buffer);
}

const f32 = (value: number) => new Uint8Array(Float32Array.of(value).buffer);

export function ggufText(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return joinedBytes([u64(bytes.length), bytes]);
}

const list = <T>(type: number, values: readonly T[], encode: (value: T) => Uint8Array) => [
  u32(9),
  u32(type),
  u64(values.length),
  ...values.map(encode),
];

function fieldBytes([key, type, value]: Field): Uint8Array {
  const parts = {
    u32: () => [u32(4), u32(value as number)],
    f32: () => [u32(6), f32(value as number)],
    bool: () => [u32(7), Uint8Array.of(value ? 1 : 0)],
    text: () => [u32(8), ggufText(value as string)],
    texts: () => list(8, value as string[], ggufText),
    floats: () => list(6, value as number[], f32),
    ints: () => list(5, value as number[], u32),
  }[type]();
  return joinedBytes([ggufText(key), ...parts]);
}

const padded = (bytes: Uint8Array) => joinedBytes([bytes, new Uint8Array((32 - (bytes.length % 32)) % 32)]);

export function ggufFile(fields: readonly Field[], tensors: readonly WrittenTensor[] = []): Uint8Array<ArrayBuffer> {
  let at = 0;
  const infos = tensors.map(({ name, shape, type = 0, data, offset }) => {
    const place = offset ?? at;
    at += padded(data).length;
    const sizes = [...shape].reverse().map(u64);
    return joinedBytes([ggufText(name), u32(shape.length), ...sizes, u32(type), u64(place)]);
  });
  const head = [u32(0x46554747), u32(3), u64(tensors.length), u64(fields.length), ...fields.map(fieldBytes), ...infos];
  return joinedBytes([padded(joinedBytes(head)), ...tensors.map(({ data }) => padded(data))]);
}

export const floatTensor = (name: string, shape: readonly number[], values: Float32Array): WrittenTensor => ({
  name,
  shape,
  data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});
