// The weights of a model folder as safetensors of floats, from the form in which the folder has them.

import type { Folder } from '#lib/core/folder.ts';
import { UnsupportedError } from '../errors.ts';
import {
  INDEX,
  readSafetensorsHeader,
  readShardNames,
  readTensorIndex,
  SINGLE,
  type TensorIndex,
} from './model-files.ts';
import { findAutoGptqFile, isPackedForm, readQuantisation } from './quantised/quantisation.ts';
import { packedModules, viewPackedWeights } from './quantised/view-packed.ts';
import { markZeroBiases } from './quantised/zero-biases.ts';
import { hasScaledBytes, viewScaledBytes } from './scaled-bytes.ts';
import { createTensorView, storedTensor, type ViewedTensor } from './tensor-view.ts';
import { readTorchFile } from './torch-file.ts';

/** In views, so no folder has them. */
const FLOATS_FILE = 'model.floats.safetensors';
const PACKED_FILE = 'model.unpacked.safetensors';
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
  const form = await readQuantisation(folder);
  const hasBytes = hasScaledBytes(index);
  const packed = packedModules(index);
  if (form && isPackedForm(form) && !hasBytes && packed.length === 0) {
    throw new UnsupportedError(
      `${folder.name}/config.json`,
      'field "quantization_config" describes packed weights, and the files hold none',
      'If the weights are in 16 bits already (a merged model), delete this field.',
    );
  }
  let opened: OpenTensors = { folder, index };
  if (hasBytes) opened = await indexed(viewScaledBytes(folder, index, FLOATS_FILE), FLOATS_FILE, signal);
  if (packed.length > 0) {
    const view = await viewPackedWeights(opened.folder, opened.index, { file: PACKED_FILE, form, signal });
    opened = await indexed(view, PACKED_FILE, signal);
    await markZeroBiases(opened, packed, signal);
  }
  return opened;
}

async function indexed(folder: Folder, file: string, signal?: AbortSignal): Promise<OpenTensors> {
  const { tensors } = await readSafetensorsHeader(folder, file, signal);
  return { folder, index: new Map(tensors.map((tensor) => [tensor.name, tensor])) };
}

/** A folder with both forms is read as safetensors. */
async function withSafetensors(folder: Folder, signal?: AbortSignal): Promise<Folder> {
  if ((await folder.has(SINGLE)) || (await folder.has(INDEX))) return folder;
  const renamed = await findAutoGptqFile(folder);
  if (renamed !== null) {
    const { tensors } = await readSafetensorsHeader(folder, renamed, signal);
    const stored = tensors.map((tensor) => storedTensor(folder, tensor));
    return createTensorView(folder, { file: SINGLE, tensors: stored, origins: [renamed] });
  }
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
