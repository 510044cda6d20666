// Brings the embedding and the head that an adapter has of its own, or its LoRA over those of the base, to the GPU in f32, with a gradient
// for each matrix, and reads weights and gradients as tensors under PEFT's names.

import type { Folder } from '#lib/core/folder.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import type { AdaptedTable } from '#lib/formats/model/adapter-module.ts';
import type { AdapterPlan } from '#lib/formats/model/adapter.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import { readTensor } from '#lib/model/lora.ts';
import type { NamedTensor } from '#lib/model/unpack-adapter.ts';
import { createWeightLoader, wholeMatrix } from '#lib/model/weight-loader.ts';
import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { createMatrix, floatsAt, padded, TILE, type Matrix } from '#lib/webgpu/matrix.ts';
import { TrainingUnsupportedError } from './errors.ts';
import { weightsOf, type LearningMatrix, type LearningTable } from './table-stages.ts';

export interface OwnTables {
  embedding: LearningTable | null;
  head: LearningTable | null;
  /** Each once, as the optimizer takes them. */
  readonly matrices: readonly { of: LearningMatrix; scale: number }[];
  gradients(): Promise<NamedTensor[]>;
  weights(): Promise<NamedTensor[]>;
  /** Gradients become zero. */
  clear(): void;
  destroy(): void;
}

/** How a matrix lies on the GPU, other than in its file. */
interface Form {
  /** What its values are multiplied by. */
  factor: number;
  /** Its rows are the columns of the file. */
  turned: boolean;
}

const PLAIN: Form = { factor: 1, turned: false };

export const hasOwnTables = ({ saved, tables }: Pick<AdapterPlan, 'saved' | 'tables'>): boolean =>
  [saved.embedding, saved.head, tables.embedding, tables.head].some((of) => of !== null);

/**
 * `isTied`: the base's head is its embedding.
 * @throws TrainingUnsupportedError where a gradient is larger than a binding
 */
export async function loadOwnTables(
  device: Device,
  folder: Folder,
  plan: AdapterPlan,
  isTied: boolean,
): Promise<OwnTables | null> {
  if (!hasOwnTables(plan)) return null;
  const { saved, tables } = plan;
  const made: { name: string; form: Form; of: LearningMatrix }[] = [];
  const destroy = () => {
    for (const { of } of made) {
      of.matrix.destroy();
      of.sums.destroy();
    }
  };
  const load = async (entry: TensorEntry, form = PLAIN): Promise<LearningMatrix> => {
    const [height, width] = entry.shape as [number, number];
    const [rows, columns] = form.turned ? [width, height] : [height, width];
    const bytes = Math.ceil(rows / TILE) * TILE * padded(columns) * 4;
    if (bytes > device.maxBindingBytes) throw tooLarge(plan.name, entry.name, bytes, device.maxBindingBytes);
    const matrix = createMatrix(device, `${plan.name} ${entry.name}`, rows, columns, 'f32');
    const of = { matrix, sums: device.createBuffer(`gradient of ${entry.name}`, bytes) };
    made.push({ name: entry.name, form, of });
    const stored = await readTensor(folder, entry);
    const at = (n: number, k: number) => (form.turned ? k * rows + n : n * columns + k);
    const values = Float32Array.from(stored, (_, i) => {
      return stored[at(Math.floor(i / columns), i % columns)]! * form.factor;
    });
    const from = createMemoryFolder(folder.name, new Map([[entry.file, new Uint8Array(values.buffer)]]));
    const loader = createWeightLoader({ device, folder: from, tensors: 1, onBytes: () => undefined });
    try {
      const shape = [rows, columns];
      await loader.fill(matrix, wholeMatrix({ ...entry, dtype: 'F32', shape, start: 0, end: values.byteLength }));
      await loader.finish();
    } finally {
      loader.dispose();
    }
    return of;
  };
  const loadLora = async (table: AdaptedTable | null, turned: boolean): Promise<LearningTable['lora']> =>
    table && {
      a: await load(table.a, { factor: 1, turned }),
      b: await load(table.b, { factor: table.scale, turned: false }),
    };
  const tensorsOf = async (buffer: (of: LearningMatrix) => DeviceBuffer, factorOf: (form: Form) => number) => {
    const tensors: NamedTensor[] = [];
    for (const { name, form, of } of made) {
      tensors.push(await readTable(device, name, buffer(of), { ...form, factor: factorOf(form) }, of.matrix));
    }
    return tensors;
  };
  const tableOf = (of: LearningTable) => (of.saved || of.lora ? of : null);
  try {
    const ownEmbedding = saved.embedding && (await load(saved.embedding));
    // Both uses of a tied table add to one gradient.
    const tied = plan.tiesTables && isTied ? ownEmbedding : null;
    const ownHead = saved.head ? await load(saved.head) : tied;
    return {
      embedding: tableOf({ saved: ownEmbedding, lora: await loadLora(tables.embedding, true) }),
      head: tableOf({ saved: ownHead, lora: await loadLora(tables.head, false) }),
      matrices: made.map(({ of, form }) => ({ of, scale: form.factor })),
      gradients: () =>
        tensorsOf(
          ({ sums }) => sums,
          ({ factor }) => factor,
        ),
      weights: () => tensorsOf(weightsOf, ({ factor }) => 1 / factor),
      clear() {
        for (const { of } of made) device.write(of.sums, 0, new Uint8Array(of.sums.bytes));
      },
      destroy,
    };
  } catch (error) {
    destroy();
    throw error;
  }
}

/** A buffer that lies as a matrix does, as a tensor of the file. */
async function readTable(
  device: Device,
  name: string,
  buffer: DeviceBuffer,
  { factor, turned }: Form,
  { rows, columns }: Matrix,
): Promise<NamedTensor> {
  const vectors = padded(columns) / 4;
  const read = new Float32Array(await device.read(buffer, 0, buffer.bytes));
  const values = new Float32Array(rows * columns);
  for (let n = 0; n < rows; n++) {
    for (let k = 0; k < columns; k++) {
      values[turned ? k * rows + n : n * columns + k] = read[4 * floatsAt(n, k >> 2, vectors) + (k & 3)]! * factor;
    }
  }
  return { name, shape: turned ? [columns, rows] : [rows, columns], values };
}

function tooLarge(adapter: string, name: string, bytes: number, most: number) {
  const mib = (of: number) => Math.ceil(of / 2 ** 20);
  return new TrainingUnsupportedError(
    `Adapter ${adapter}: the gradient of ${name} takes ${mib(bytes)} MiB, a buffer of this device at most ${mib(most)} MiB.`,
    'Leave embedding and head out of the adapter, or use a GPU with larger buffers.',
  );
}
