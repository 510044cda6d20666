// An adapter's folder as PEFT writes it with safetensors, from the form in which the folder has it.

import type { Folder } from '#lib/core/folder.ts';
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS } from './adapter.ts';
import { createTensorView } from './tensor-view.ts';
import { readTorchFile } from './torch-file.ts';

const TORCH_WEIGHTS = 'adapter_model.bin';

export async function openAdapter(folder: Folder, signal?: AbortSignal): Promise<Folder> {
  if (!(await folder.has(ADAPTER_CONFIG)) || (await folder.has(ADAPTER_WEIGHTS))) return folder;
  if (!(await folder.has(TORCH_WEIGHTS))) return folder;
  const tensors = await readTorchFile(folder, TORCH_WEIGHTS, signal);
  return createTensorView(folder, { file: ADAPTER_WEIGHTS, tensors, origins: [TORCH_WEIGHTS] });
}
