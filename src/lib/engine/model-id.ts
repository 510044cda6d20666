// The identity of a base model, without loading it: sha256 over config.json and the files of weights that the decoder uses.

import type { Folder } from '#lib/core/folder.ts';
import { hashFiles } from '#lib/core/hash.ts';
import { openTensors } from '#lib/formats/model/open-tensors.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import { readArchitecture } from '#lib/model/config.ts';
import { dropEqualHead } from '#lib/model/drop-equal-head.ts';
import { resolveTensors, tensorsOf } from '#lib/model/families/resolve-tensors.ts';
import { openModelFolder } from '#lib/model/sources/open-model.ts';

/** What is hashed, in this order. */
export const identityFiles = (used: readonly Pick<TensorEntry, 'file'>[]): string[] => [
  'config.json',
  ...new Set(used.map(({ file }) => file).sort()),
];

/** What `ModelInfo.id` says of the same files once they are loaded. @throws FormatError, UnsupportedError */
export async function modelId(given: Folder, signal?: AbortSignal): Promise<string> {
  const opened = await openModelFolder(given, signal);
  const architecture = await readArchitecture(opened);
  const { folder, index } = await openTensors(opened, signal);
  const named = resolveTensors(architecture, index, folder.name);
  const tensors = await dropEqualHead(folder, architecture, named, signal);
  return hashFiles(folder, identityFiles(tensorsOf(tensors)), signal);
}
