// Streams matrices from a model's files to the GPU in ranges, packed into planes; holds one range in memory. `weights.ts` decides
// which tensor goes where.

import { AbortedError } from '#lib/core/errors.ts';
import type { Folder } from '#lib/core/folder.ts';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import type { TensorRows } from '#lib/formats/model/slice-rows.ts';
import { GROUP, type FileDtype } from '#lib/core/tensor.ts';
import type { Binding, Device } from '#lib/webgpu/device.ts';
import { encodePackCall, pack, packGroups, type PackCall } from '#lib/webgpu/kernels/pack/pack.ts';
import { TILE, type Matrix, type MatrixPart } from '#lib/webgpu/matrix.ts';
import { WeightsMismatchError } from './errors.ts';
import { joinVectors } from './join-vectors.ts';

/** Default bytes per read; also the size of the staging buffer. */
const RANGE_BYTES = 16 << 20;
/** As stored in files. F64 becomes F32 on the host, since the GPU has no f64. */
const DTYPE_BYTES: Record<FileDtype | 'F64', number> = { F64: 8, F32: 4, F16: 2, BF16: 2 };
/** Ranges sent to the GPU before waiting for it, so that staging copies do not pile up. */
const RANGES_IN_FLIGHT = 4;

/** A tensor whose rows go to a matrix on the GPU. */
export interface StoredMatrix {
  tensor: TensorEntry;
  /** Where its rows go: `count` rows from `from` on are those of the matrix from `to` (even) on. */
  runs: readonly { from: number; to: number; count: number }[];
  /** The file holds [columns, rows]. */
  isTransposed: boolean;
}

/** All rows of a tensor, in its order. */
export const wholeMatrix = (tensor: TensorEntry): StoredMatrix => ({
  tensor,
  runs: [{ from: 0, to: 0, count: tensor.shape[0]! }],
  isTransposed: false,
});

export interface WeightLoader {
  fill(matrix: Matrix, stored: StoredMatrix): Promise<void>;
  /** Reads a small tensor to the host. */
  vector(entry: TensorRows): Promise<Float32Array<ArrayBuffer>>;
  /** Throws if any weight was not finite or did not fit its format. */
  finish(): Promise<void>;
  /** Frees the staging buffers. */
  dispose(): void;
}

export interface WeightLoaderOptions {
  device: Device;
  folder: Folder;
  tensors: number;
  rangeBytes?: number;
  onBytes(bytes: number): void;
  signal?: AbortSignal | undefined;
}

export function createWeightLoader(options: WeightLoaderOptions): WeightLoader {
  const { device, folder, signal, onBytes, rangeBytes = RANGE_BYTES } = options;
  const raw = device.createBuffer('weights staging', rangeBytes);
  const call = device.createBuffer('pack call', 32);
  const faults = device.createBuffer('weight faults', options.tensors * 8);
  const filled: TensorEntry[] = [];
  const bindings = new Map<MatrixPart, Binding>();
  let inFlight = 0;

  const bindingOf = async (part: MatrixPart, { dtype }: Matrix) => {
    let binding = bindings.get(part);
    if (!binding) {
      const program = await device.program(pack, { dtype });
      binding = device.bind(program, { call, raw, weights: part.weights, scales: part.scales, faults });
      bindings.set(part, binding);
    }
    return binding;
  };
  const read = async (entry: TensorEntry, start: number, end: number) => {
    if (signal?.aborted) throw new AbortedError(signal.reason);
    const bytes = await folder.read(entry.file, start, end, signal);
    onBytes(bytes.byteLength);
    return bytes;
  };

  return {
    async fill(matrix, { tensor: entry, runs, isTransposed }) {
      const stored = entry.dtype as FileDtype | 'F64';
      const format = stored === 'F64' ? 'F32' : stored;
      const [lines, width] = entry.shape as [number, number];
      const lineBytes = width * DTYPE_BYTES[stored];
      // Lines of the file are rows, which come in tiles; of a transposed matrix they are columns, which come in groups.
      const step = isTransposed ? GROUP : TILE;
      const linesPerRange = Math.floor(rangeBytes / lineBytes / step) * step;
      if (linesPerRange === 0 || runs.some(({ to }) => to % 2 !== 0)) {
        throw new WeightsMismatchError(folder.name, `tensor "${entry.name}" has a shape that cannot be streamed`);
      }
      filled.push(entry);
      for (let line = 0; line < lines; line += linesPerRange) {
        const count = Math.min(linesPerRange, lines - line);
        const start = entry.start + line * lineBytes;
        const bytes = await read(entry, start, start + count * lineBytes);
        const values = stored === 'F64' ? bytesOf(decodeFloats(bytes, stored, entry.name)) : bytes;
        device.write(raw, 0, wholeWords(isTransposed ? transposed(values, count, width) : values));
        const [columns, firstRow, rows] = isTransposed ? [count, 0, width] : [width, line, count];
        const common = {
          columns,
          groups: matrix.groups,
          format,
          faultAt: (filled.length - 1) * 2,
          firstGroup: isTransposed ? line / GROUP : 0,
        };
        for (const { part, from, to, count: some } of cut(matrix, runs, firstRow, firstRow + rows)) {
          const values: PackCall = { ...common, rows: some, firstRow: to, rawAt: (from - firstRow) * columns };
          device.write(call, 0, encodePackCall(values));
          device.submit([{ binding: await bindingOf(part, matrix), groups: packGroups(values) }]);
        }
        if (++inFlight % RANGES_IN_FLIGHT === 0) await device.settle();
      }
    },
    vector: (entry) => readVector(folder, entry, (_, start, end) => read(entry, start, end)),
    async finish() {
      const found = new Uint32Array(await device.read(faults, 0, options.tensors * 8));
      filled.forEach((entry, i) => {
        if (found[2 * i]) throw notFinite(folder, entry, `${found[2 * i]} values that are not finite`);
        if (found[2 * i + 1]) {
          throw new WeightsMismatchError(
            folder.name,
            `tensor "${entry.name}" in ${entry.file} has ${found[2 * i + 1]} values too great for f16`,
            'Load the model in another weight format.',
          );
        }
      });
    },
    dispose() {
      for (const buffer of [raw, call, faults]) buffer.destroy();
    },
  };
}

/** @throws WeightsMismatchError when a value is not finite */
export async function readVector(
  folder: Folder,
  entry: TensorRows,
  read: (file: string, start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Float32Array<ArrayBuffer>> {
  const pieces: Float32Array[] = [];
  for (const { start, end } of entry.pieces ?? [entry])
    pieces.push(decodeFloats(await read(entry.file, start, end), entry.dtype, entry.name));
  const values = joinVectors(pieces);
  if (!values.every(Number.isFinite)) throw notFinite(folder, entry, 'a value that is not finite');
  return values;
}

const notFinite = (folder: Folder, entry: TensorEntry, what: string) =>
  new WeightsMismatchError(
    folder.name,
    `tensor "${entry.name}" in ${entry.file} has ${what} (NaN or infinity)`,
    'The file is damaged or the training diverged; fetch it again.',
  );

interface Cut {
  part: MatrixPart;
  from: number;
  /** Row of the part. */
  to: number;
  count: number;
}

/** The shares of rows [first, end) of a tensor that lie in one run and go to one part of the matrix. */
function cut(matrix: Matrix, runs: StoredMatrix['runs'], first: number, end: number): Cut[] {
  return runs.flatMap((run) => {
    const from = Math.max(first, run.from);
    const to = run.to + from - run.from;
    const stop = to + Math.min(end, run.from + run.count) - from;
    return matrix.parts.flatMap((part): Cut[] => {
      const start = Math.max(to, part.firstRow);
      const count = Math.min(stop, part.firstRow + part.rows) - start;
      return count > 0 ? [{ part, from: from + start - to, to: start - part.firstRow, count }] : [];
    });
  });
}

const bytesOf = (values: Float32Array<ArrayBuffer>) => new Uint8Array(values.buffer);

/** [lines, width] as [width, lines], of elements of two or four bytes. */
function transposed(bytes: Uint8Array<ArrayBuffer>, lines: number, width: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.byteLength);
  const isShort = bytes.byteLength === lines * width * 2;
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const view = (of: Uint8Array<ArrayBuffer>) =>
    isShort
      ? new Uint16Array(of.buffer, of.byteOffset, lines * width)
      : new Uint32Array(of.buffer, of.byteOffset, lines * width);
  const [source, target] = [view(aligned), view(out)];
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < width; i++) target[i * lines + line] = source[line * width + i]!;
  }
  return out;
}

/** GPU writes need whole 4-byte words. */
function wholeWords(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.byteLength % 4 === 0) return bytes;
  const padded = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
  padded.set(bytes);
  return padded;
}
