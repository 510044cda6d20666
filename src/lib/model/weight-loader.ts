// Streams matrices from a model's files to the GPU in ranges, packed into planes; holds one range in memory. `weights.ts` decides
// which tensor goes where.

import { AbortedError } from '#lib/core/errors.ts';
import type { Folder } from '#lib/core/folder.ts';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import type { FileDtype } from '#lib/core/tensor.ts';
import type { Binding, Device } from '#lib/webgpu/device.ts';
import { encodePackCall, pack, packGroups, type PackCall } from '#lib/webgpu/kernels/pack/pack.ts';
import { TILE, type Matrix, type MatrixPart } from '#lib/webgpu/matrix.ts';
import { WeightsMismatchError } from './errors.ts';

/** Default bytes per read; also the size of the staging buffer. */
const RANGE_BYTES = 16 << 20;
/** As stored in files. F64 becomes F32 on the host, since the GPU has no f64. */
const DTYPE_BYTES: Record<FileDtype | 'F64', number> = { F64: 8, F32: 4, F16: 2, BF16: 2 };
/** Ranges sent to the GPU before waiting for it, so that staging copies do not pile up. */
const RANGES_IN_FLIGHT = 4;

export interface WeightLoader {
  /** Reads a whole [rows, columns] tensor into `matrix`, starting at `atRow` (even). */
  fill(matrix: Matrix, atRow: number, entry: TensorEntry): Promise<void>;
  /** Reads a small tensor to the host. */
  vector(entry: TensorEntry): Promise<Float32Array<ArrayBuffer>>;
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
    async fill(matrix, atRow, entry) {
      const stored = entry.dtype as FileDtype | 'F64';
      const format = stored === 'F64' ? 'F32' : stored;
      const [rows, columns] = entry.shape as [number, number];
      const rowBytes = columns * DTYPE_BYTES[stored];
      const rowsPerRange = Math.floor(rangeBytes / rowBytes / TILE) * TILE;
      if (rowsPerRange === 0 || atRow % 2 !== 0) {
        throw new WeightsMismatchError(folder.name, `tensor "${entry.name}" has a shape that cannot be streamed`);
      }
      filled.push(entry);
      for (let row = 0; row < rows;) {
        const target = atRow + row;
        const part = matrix.parts.find(({ firstRow, rows: count }) => target >= firstRow && target < firstRow + count)!;
        const count = Math.min(rowsPerRange, rows - row, part.firstRow + part.rows - target);
        const start = entry.start + row * rowBytes;
        const bytes = await read(entry, start, start + count * rowBytes);
        device.write(raw, 0, stored === 'F64' ? decodeFloats(bytes, stored, entry.name) : wholeWords(bytes));
        const values: PackCall = {
          rows: count,
          columns,
          groups: matrix.groups,
          firstRow: target - part.firstRow,
          rawAt: 0,
          format,
          faultAt: (filled.length - 1) * 2,
        };
        device.write(call, 0, encodePackCall(values));
        device.submit([{ binding: await bindingOf(part, matrix), groups: packGroups(values) }]);
        if (++inFlight % RANGES_IN_FLIGHT === 0) await device.settle();
        row += count;
      }
    },
    async vector(entry) {
      const values = decodeFloats(await read(entry, entry.start, entry.end), entry.dtype, entry.name);
      if (!values.every(Number.isFinite)) throw notFinite(folder, entry, 'a value that is not finite');
      return values;
    },
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

const notFinite = (folder: Folder, entry: TensorEntry, what: string) =>
  new WeightsMismatchError(
    folder.name,
    `tensor "${entry.name}" in ${entry.file} has ${what} (NaN or infinity)`,
    'The file is damaged or the training diverged; fetch it again.',
  );

/** GPU writes need whole 4-byte words. */
function wholeWords(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.byteLength % 4 === 0) return bytes;
  const padded = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
  padded.set(bytes);
  return padded;
}
