// A trained adapter as the files of a PEFT folder: its own configuration, and its weights in f32 under the names that it came with.

import type { Folder } from '#lib/core/folder.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import type { NamedTensor } from '#lib/model/unpack-adapter.ts';
import type { AdapterFiles } from './training-host.ts';

export async function trainedFiles(folder: Folder, tensors: readonly NamedTensor[]): Promise<AdapterFiles> {
  const config = await folder.read(ADAPTER_CONFIG, 0, await folder.size(ADAPTER_CONFIG));
  const weights = encodeSafetensors(
    tensors.map(({ name, shape, values }) => ({ name, dtype: 'F32' as const, shape, data: values })),
  );
  return {
    name: folder.name,
    files: [
      { path: ADAPTER_CONFIG, bytes: config },
      { path: ADAPTER_WEIGHTS, bytes: weights },
    ],
  };
}
