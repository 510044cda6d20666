// A tensor of a GGUF file as one of safetensors: plain floats as they are, blocks as F32, decoded when a range is read.
// llama.cpp interleaves what rotates together and adds 1 to Gemma's norms when it converts a model; here both are undone.

import type { Folder } from '#lib/core/folder.ts';
import type { GgufTensor } from './gguf-header.ts';
import { decodeFloats } from './floats.ts';
import type { TensorDtype } from './safetensors.ts';
import type { ViewedTensor } from './tensor-view.ts';

export interface GgufChanges {
  name: string;
  /** Rows of one head, in which rows 2i and 2i + 1 become i and i + half. */
  headRows?: number | undefined;
  /** Added to every number. */
  add?: number | undefined;
}

export function viewGgufTensor(folder: Folder, path: string, tensor: GgufTensor, changes: GgufChanges): ViewedTensor {
  const { block, shape } = tensor;
  const { name, headRows, add } = changes;
  const isPlain = block.decode === null;
  const dtype = (isPlain && add === undefined ? block.name : 'F32') as TensorDtype;
  const width = dtype === 'F32' ? 4 : 2;
  const columns = shape.length > 1 ? shape.slice(1).reduce((product, side) => product * side, 1) : 1;
  const size = shape.reduce((product, side) => product * side, width);

  /** Bytes of whole blocks around the numbers [from, to), as `dtype`. */
  const decoded = async (from: number, to: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> => {
    const [first, last] = [Math.floor(from / block.values), Math.ceil(to / block.values)];
    const bytes = await folder.read(
      path,
      tensor.start + first * block.bytes,
      tensor.start + last * block.bytes,
      signal,
    );
    if (isPlain && add === undefined) return bytes;
    let values: Float32Array<ArrayBuffer>;
    if (block.decode) {
      values = new Float32Array((last - first) * block.values);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let i = 0; i < last - first; i++) block.decode(view, i * block.bytes, values, i * block.values);
    } else values = decodeFloats(bytes, block.name as TensorDtype, name);
    if (add !== undefined) for (let i = 0; i < values.length; i++) values[i]! += add;
    const skipped = 4 * (from - first * block.values);
    return new Uint8Array(values.buffer, skipped, 4 * (to - from));
  };

  return {
    name,
    dtype,
    shape,
    async read(start, end, signal) {
      // Numbers, or whole heads where their rows change places.
      const unit = headRows === undefined ? width : headRows * columns * width;
      const from = Math.floor(start / unit) * unit;
      const to = Math.min(size, Math.ceil(end / unit) * unit);
      const bytes = await decoded(from / width, to / width, signal);
      if (headRows !== undefined) separateHalves(bytes, headRows, columns * width);
      return bytes.subarray(start - from, end - from);
    },
  };
}

/** Within each head: rows 0, 2, 4, … and then rows 1, 3, 5, … */
function separateHalves(bytes: Uint8Array, headRows: number, rowBytes: number): void {
  const head = new Uint8Array(headRows * rowBytes);
  for (let at = 0; at < bytes.length; at += head.length) {
    head.set(bytes.subarray(at, at + head.length));
    for (let row = 0; row < headRows; row++) {
      const from = (row < headRows / 2 ? 2 * row : 2 * row - headRows + 1) * rowBytes;
      bytes.set(head.subarray(from, from + rowBytes), at + row * rowBytes);
    }
  }
}
