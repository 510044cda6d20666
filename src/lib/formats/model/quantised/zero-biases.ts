// Finds biases of 0. AutoGPTQ used to write a bias for every matrix, also where the model has none.

import type { Folder } from '#lib/core/folder.ts';
import { decodeFloats } from '../floats.ts';
import type { TensorIndex } from '../model-files.ts';
import { FLOATS } from './packed-parts.ts';

const AT_ONCE = 16;

export async function markZeroBiases(
  { folder, index }: { folder: Folder; index: TensorIndex },
  modules: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const biases = modules
    .flatMap((module) => index.get(`${module}.bias`) ?? [])
    .filter(({ dtype }) => FLOATS.includes(dtype));
  for (let i = 0; i < biases.length; i += AT_ONCE) {
    await Promise.all(
      biases.slice(i, i + AT_ONCE).map(async (entry) => {
        const bytes = await folder.read(entry.file, entry.start, entry.end, signal);
        entry.isZero = decodeFloats(bytes, entry.dtype, entry.name).every((value) => value === 0);
      }),
    );
  }
}
