// The weights of a model folder as safetensors of floats, from the form in which the folder has them.

import type { Folder } from '#lib/core/folder.ts';
import { readSafetensorsHeader, readTensorIndex, type TensorIndex } from './model-files.ts';
import { hasFloat8, viewFloat8 } from './scaled-float8.ts';

/** In a view, so no folder has it. */
const FLOATS_FILE = 'model.floats.safetensors';

export interface OpenTensors {
  /** Where the tensors of the index are read; the folder that was given, or a view of it. */
  folder: Folder;
  index: TensorIndex;
}

export async function openTensors(folder: Folder, signal?: AbortSignal): Promise<OpenTensors> {
  const index = await readTensorIndex(folder, signal);
  if (!hasFloat8(index)) return { folder, index };
  const view = viewFloat8(folder, index, FLOATS_FILE);
  const { tensors } = await readSafetensorsHeader(view, FLOATS_FILE, signal);
  return { folder: view, index: new Map(tensors.map((tensor) => [tensor.name, tensor])) };
}
