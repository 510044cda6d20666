// Brings an adapter's own embedding and head, or its LoRA over the base's, to the GPU, and takes them away again.
// It knows files and matrices; when an adapter is resident is decided in `adapter-residency.ts`.

import type { Folder } from '#lib/core/folder.ts';
import { ADAPTER_WEIGHTS, type AdapterPlan } from '#lib/formats/model/adapter.ts';
import { AdapterMismatchError } from '#lib/formats/errors.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import { loadAdapterPatches } from './adapter-patches.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { readValues } from '#lib/model/drop-equal-head.ts';
import type { ModelTensors } from '#lib/model/families/resolve-tensors.ts';
import { readTensor } from '#lib/model/lora.ts';
import type { AdapterTables } from '#lib/model/decoder/table-adapters.ts';
import { createWeightLoader, wholeMatrix } from '#lib/model/weight-loader.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { createMatrix, type Matrix } from '#lib/webgpu/matrix.ts';
import { UPLOAD_BYTES, type Turns } from './turns.ts';

/** Where the base model lies. */
export interface BaseFiles {
  folder: Folder;
  tensors: ModelTensors;
}

export interface LoadedTables {
  /** Replaces the base's head. */
  head: Matrix | null;
  /** Null where only the head is replaced. */
  tables: AdapterTables | null;
  destroy(): void;
}

export interface LoadTablesOptions {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
  sizes: DecoderSizes;
  base: BaseFiles;
  folder: Folder;
  plan: AdapterPlan;
  turns: Turns;
}

/** Whether an adapter has more than matrices in the layers. */
export const hasTables = ({ saved, tables, vectors, tokens }: AdapterPlan): boolean =>
  [saved.embedding, saved.head, tables.embedding, tables.head, tokens.embedding, tokens.head].some(Boolean) ||
  vectors.length > 0;

/** Null where the adapter leaves embedding and head alone. On failure nothing stays. */
export async function loadAdapterTables(options: LoadTablesOptions): Promise<LoadedTables | null> {
  const { device, architecture, weights, sizes, base, folder, plan, turns } = options;
  if (!hasTables(plan)) return null;
  const { saved, tables } = plan;
  const isTied = weights.head === weights.embedding;
  const patches = await loadAdapterPatches({ architecture, base, folder, plan, isTied });
  const owned: Matrix[] = [];
  const destroy = () => {
    for (const matrix of owned) matrix.destroy();
  };
  const exact = sizes.poolDtype;
  const load = async (label: string, from: Folder, entry: TensorEntry, dtype: Matrix['dtype']): Promise<Matrix> => {
    const [rows, columns] = entry.shape as [number, number];
    const matrix = createMatrix(device, `${plan.name} ${label}`, rows, columns, dtype);
    owned.push(matrix);
    const ranges: Folder = {
      name: from.name,
      has: (path) => from.has(path),
      size: (path) => from.size(path),
      async read(path, start, end) {
        const bytes = await from.read(path, start, end);
        // The loader sends them next.
        await turns.upload(UPLOAD_BYTES, () => undefined);
        return bytes;
      },
    };
    const onBytes = () => undefined;
    const loader = createWeightLoader({ device, folder: ranges, tensors: 1, rangeBytes: UPLOAD_BYTES, onBytes });
    try {
      await loader.fill(matrix, wholeMatrix(entry));
      await loader.finish();
      return matrix;
    } finally {
      loader.dispose();
    }
  };
  try {
    const embedding = saved.embedding && (await load('embedding', folder, saved.embedding, weights.embedding.dtype));
    const ownHead = saved.head && (await load('head', folder, saved.head, weights.head.dtype));
    const head = ownHead ?? (plan.tiesTables && isTied ? embedding : null);
    const embeddingLora = tables.embedding && {
      a: await load('embedding A', ...(await turned(folder, tables.embedding.a, architecture.vocab)), exact),
      b: await load('embedding B', folder, tables.embedding.b, exact),
      scale: tables.embedding.scale,
    };
    const headLora = tables.head && {
      a: await load('head A', folder, tables.head.a, exact),
      b: await load('head B', folder, tables.head.b, exact),
      scale: tables.head.scale,
    };
    const own = { embedding, embeddingLora, headLora, patches };
    return { head, tables: Object.values(own).some((of) => of !== null) ? own : null, destroy };
  } catch (error) {
    destroy();
    throw error;
  }
}

/** [rank, vocab] as PEFT writes it to [vocab, rank], whose rows can be looked up. */
async function turned(folder: Folder, entry: TensorEntry, vocab: number): Promise<[Folder, TensorEntry]> {
  const rank = entry.shape[0]!;
  const values = await readTensor(folder, entry);
  const rows = new Float32Array(values.length);
  for (let r = 0; r < rank; r++) for (let v = 0; v < vocab; v++) rows[v * rank + r] = values[r * vocab + v]!;
  const files = new Map([[entry.file, new Uint8Array(rows.buffer)]]);
  const turned: TensorEntry = { ...entry, dtype: 'F32', shape: [vocab, rank], start: 0, end: rows.byteLength };
  return [createMemoryFolder(folder.name, files), turned];
}

const PIECE = 1 << 20;
/** The adapter may have been written in bf16 beside a base in f32. */
const ROUNDING = 2 ** -8;

/**
 * PEFT writes the base's embedding and head beside a LoRA on them and puts them back when it loads the adapter. Where they
 * are the base's own, that changes nothing; where they are not, the adapter needs another base.
 * @throws AdapterMismatchError naming the tensor
 */
export async function checkBaseTables(folder: Folder, plan: AdapterPlan, base: BaseFiles): Promise<void> {
  const { embedding, head } = plan.tables;
  const pairs = [
    [embedding?.base, base.tensors.embedding],
    [head?.base, base.tensors.head ?? base.tensors.embedding],
  ] as const;
  for (const [mine, theirs] of pairs) {
    if (!mine) continue;
    const count = mine.shape.reduce((all, side) => all * side, 1);
    for (let at = 0; at < count; at += PIECE) {
      const end = Math.min(count, at + PIECE);
      const [a, b] = [await readValues(folder, mine, at, end), await readValues(base.folder, theirs, at, end)];
      if (a.every((value, i) => Math.abs(value - b[i]!) <= ROUNDING * Math.abs(b[i]!))) continue;
      throw new AdapterMismatchError(
        `${plan.name}/${ADAPTER_WEIGHTS}`,
        `tensor "${mine.name}" is not the table of this base model`,
      );
    }
  }
}
