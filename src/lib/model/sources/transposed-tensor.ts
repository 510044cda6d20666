// A matrix with its rows and columns exchanged. A part of it needs all of the other, so this is for the small ones of adapters.

import { UnsupportedError } from '#lib/formats/errors.ts';
import { tensorBytes } from '#lib/formats/model/safetensors.ts';
import type { ViewedTensor } from '#lib/formats/model/tensor-view.ts';

const MAX_BYTES = 512 << 20;

export function transposed(tensor: ViewedTensor, file: string): ViewedTensor {
  const [rows, columns] = tensor.shape;
  const bytes = tensorBytes(tensor.dtype, tensor.shape);
  if (tensor.shape.length !== 2 || rows === undefined || columns === undefined || bytes > MAX_BYTES) {
    throw new UnsupportedError(
      file,
      `tensor "${tensor.name}" of shape [${tensor.shape.join(', ')}] cannot be transposed`,
      `Matrices of at most ${MAX_BYTES} bytes can.`,
    );
  }
  const width = tensorBytes(tensor.dtype, [1]);
  return {
    ...tensor,
    shape: [columns, rows],
    async read(start, end, signal) {
      const from = await tensor.read(0, bytes, signal);
      const out = new Uint8Array(end - start);
      for (let at = start; at < end; at++) {
        const element = Math.floor(at / width);
        const source = (element % rows) * columns + Math.floor(element / rows);
        out[at - start] = from[source * width + (at % width)]!;
      }
      return out;
    },
  };
}
