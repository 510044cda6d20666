// An adapter's folder as PEFT writes it with safetensors, from the form in which it is given.

import type { Folder } from '#lib/core/folder.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { createTensorView } from '#lib/formats/model/tensor-view.ts';
import { readTorchFile } from '#lib/formats/model/torch-file.ts';
import type { Architecture } from '../architecture.ts';
import { viewGgufAdapter } from './gguf-adapter.ts';
import { GGUF_FILE } from './gguf-file.ts';
import { MLX_WEIGHTS, viewMlxAdapter } from './mlx-adapter.ts';

const TORCH_WEIGHTS = 'adapter_model.bin';

/** `base` is the model that the adapter is for. */
export async function openAdapter(
  folder: Folder,
  base: Pick<Architecture, 'headDim'>,
  signal?: AbortSignal,
): Promise<Folder> {
  if (!(await folder.has(ADAPTER_CONFIG)))
    return (await folder.has(GGUF_FILE)) ? viewGgufAdapter(folder, base, signal) : folder;
  if (await folder.has(ADAPTER_WEIGHTS)) return folder;
  if (await folder.has(MLX_WEIGHTS)) return viewMlxAdapter(folder, signal);
  if (!(await folder.has(TORCH_WEIGHTS))) return folder;
  const tensors = await readTorchFile(folder, TORCH_WEIGHTS, signal);
  return createTensorView(folder, { file: ADAPTER_WEIGHTS, tensors, origins: [TORCH_WEIGHTS] });
}
