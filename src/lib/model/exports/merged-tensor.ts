// A tensor of a merged model, made a few rows at a time from ranges of the base's file. The adapter's own matrices are read when the
// tensor's turn comes, and released after it.

import type { Folder } from '#lib/core/folder.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { encodeFloats } from '#lib/formats/model/encode-floats.ts';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import type { TensorDtype, TensorEntry } from '#lib/formats/model/safetensors.ts';
import { storedTensor } from '#lib/formats/model/tensor-view.ts';
import { PIECE_BYTES } from './exported-file.ts';
import type { RowChange } from './low-rank-rows.ts';
import { copiedTensor, type WrittenTensor } from './safetensors-export.ts';

export interface TensorOrigin {
  folder: Folder;
  entry: TensorEntry;
}

/** Reads what the changes need. `rows` gives the rows of the origin, in blocks. */
export type Change = (rows: () => AsyncIterable<RowBlock>, signal?: AbortSignal) => Promise<RowChange>;

export interface RowBlock {
  values: Float32Array<ArrayBuffer>;
  firstRow: number;
  width: number;
}

const FLOATS: readonly TensorDtype[] = ['F64', 'F32', 'F16', 'BF16'];

/** `dtype` applies to floats; null keeps the origin's. */
export function mergedTensor(
  name: string,
  { folder, entry }: TensorOrigin,
  changes: readonly Change[],
  dtype: TensorDtype | null,
): WrittenTensor {
  const isFloat = FLOATS.includes(entry.dtype);
  const written = isFloat && dtype !== null ? dtype : entry.dtype;
  if (changes.length === 0 && written === entry.dtype) return copiedTensor(storedTensor(folder, entry), name);
  return {
    name,
    dtype: written,
    shape: entry.shape,
    async *pieces(signal) {
      const rows = () => readRows(folder, entry, signal);
      const ready: RowChange[] = [];
      for (const change of changes) ready.push(await change(rows, signal));
      for await (const { values, firstRow, width } of rows()) {
        for (const change of ready) change(values, firstRow, width);
        yield encodeFloats(values, written, `tensor "${name}"`);
      }
    },
  };
}

async function* readRows(folder: Folder, entry: TensorEntry, signal?: AbortSignal): AsyncGenerator<RowBlock> {
  const { file, start, end, dtype, shape, name } = entry;
  const count = shape.length === 0 ? 1 : shape[0]!;
  const width = shape.slice(1).reduce((all, side) => all * side, 1);
  if (count * width === 0) return;
  const rowBytes = (end - start) / count;
  const block = Math.max(1, Math.floor(PIECE_BYTES / rowBytes));
  const where = `${folder.name}/${file}: tensor "${name}"`;
  for (let row = 0; row < count; row += block) {
    signal?.throwIfAborted();
    const last = Math.min(count, row + block);
    const bytes = await folder.read(file, start + row * rowBytes, start + last * rowBytes, signal);
    const values = decodeFloats(bytes, dtype, where);
    if (!values.every(Number.isFinite)) {
      throw new FormatError(where, 'the tensor has a value that is not finite (NaN or infinity)', {
        hint: 'The file is damaged or the training diverged; fetch it again.',
      });
    }
    yield { values, firstRow: row, width };
  }
}
