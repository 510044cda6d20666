// A safetensors file of an export, written tensor by tensor.

import { encodeSafetensorsHead, tensorBytes, type TensorDtype } from '#lib/formats/model/safetensors.ts';
import type { ViewedTensor } from '#lib/formats/model/tensor-view.ts';
import { PIECE_BYTES, type ExportedFile } from './exported-file.ts';

export interface WrittenTensor {
  name: string;
  dtype: TensorDtype;
  shape: readonly number[];
  pieces(signal?: AbortSignal): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

export const sizeOf = ({ dtype, shape }: WrittenTensor): number => tensorBytes(dtype, shape);

export function safetensorsFile(path: string, tensors: readonly WrittenTensor[]): ExportedFile {
  const head = encodeSafetensorsHead(tensors);
  return {
    path,
    bytes: tensors.reduce((sum, tensor) => sum + sizeOf(tensor), head.length),
    async *pieces(signal) {
      yield head;
      for (const tensor of tensors) yield* tensor.pieces(signal);
    },
  };
}

/** A tensor with the bytes of another; `name` replaces its name. */
export function copiedTensor(tensor: ViewedTensor, name = tensor.name): WrittenTensor {
  const { dtype, shape } = tensor;
  return {
    name,
    dtype,
    shape,
    async *pieces(signal) {
      const bytes = tensorBytes(dtype, shape);
      for (let at = 0; at < bytes; at += PIECE_BYTES)
        yield await tensor.read(at, Math.min(bytes, at + PIECE_BYTES), signal);
    },
  };
}

/** A tensor that is made at once; for the small ones of adapters. */
export const madeTensor = (
  name: string,
  dtype: TensorDtype,
  shape: readonly number[],
  make: (signal?: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>,
): WrittenTensor => ({
  name,
  dtype,
  shape,
  async *pieces(signal) {
    yield await make(signal);
  },
});
