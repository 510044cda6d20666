// The weights of a model folder as safetensors of floats, from the form in which the folder has them.

import type { Folder } from '#lib/core/folder.ts';
import {
  INDEX,
  readSafetensorsHeader,
  readShardNames,
  readTensorIndex,
  SINGLE,
  type TensorIndex,
} from './model-files.ts';
import { hasFloat8, viewFloat8 } from './scaled-float8.ts';
import { createTensorView, type ViewedTensor } from './tensor-view.ts';
import { readTorchFile } from './torch-file.ts';

/** In a view, so no folder has it. */
const FLOATS_FILE = 'model.floats.safetensors';
const TORCH_SINGLE = 'pytorch_model.bin';
const TORCH_INDEX = 'pytorch_model.bin.index.json';

export interface OpenTensors {
  /** Where the tensors of the index are read; the folder that was given, or a view of it. */
  folder: Folder;
  index: TensorIndex;
}

export async function openTensors(given: Folder, signal?: AbortSignal): Promise<OpenTensors> {
  const folder = await withSafetensors(given, signal);
  const index = await readTensorIndex(folder, signal);
  if (!hasFloat8(index)) return { folder, index };
  const view = viewFloat8(folder, index, FLOATS_FILE);
  const { tensors } = await readSafetensorsHeader(view, FLOATS_FILE, signal);
  return { folder: view, index: new Map(tensors.map((tensor) => [tensor.name, tensor])) };
}

/** A folder with both forms is read as safetensors. */
async function withSafetensors(folder: Folder, signal?: AbortSignal): Promise<Folder> {
  if ((await folder.has(SINGLE)) || (await folder.has(INDEX))) return folder;
  const files = (await folder.has(TORCH_SINGLE))
    ? [TORCH_SINGLE]
    : (await folder.has(TORCH_INDEX))
      ? await readShardNames(folder, TORCH_INDEX, '.bin')
      : [];
  if (files.length === 0) return folder;
  // Of two tensors with one name that of the last shard counts, as with safetensors.
  const tensors = new Map<string, ViewedTensor>();
  for (const file of files)
    for (const tensor of await readTorchFile(folder, file, signal)) tensors.set(tensor.name, tensor);
  return createTensorView(folder, { file: SINGLE, tensors: [...tensors.values()], origins: files });
}
