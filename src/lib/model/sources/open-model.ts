// A model's files as a Hugging Face folder, from the form in which they are given.

import type { Folder } from '#lib/core/folder.ts';
import { GGUF_FILE } from './gguf-file.ts';
import { viewGgufModel } from './gguf-folder.ts';

export async function openModelFolder(folder: Folder, signal?: AbortSignal): Promise<Folder> {
  if ((await folder.has('config.json')) || !(await folder.has(GGUF_FILE))) return folder;
  return viewGgufModel(folder, signal);
}
