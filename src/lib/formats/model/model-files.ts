// The weight files of a Hugging Face folder, single or sharded, as one index of tensor ranges. Reads headers only.

import type { Folder } from '#lib/core/folder.ts';
import { FileMissingError, FileTruncatedError, FormatError } from '../errors.ts';
import { isJsonObject, readJsonFile } from '../json/json-file.ts';
import { headerEnd, parseSafetensors, type SafetensorsHeader, type TensorEntry } from './safetensors.ts';

/** Tensor by name. `TensorEntry.file` is the path inside the folder. */
export type TensorIndex = Map<string, TensorEntry>;

export const SINGLE = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';
const MAX_INDEX_BYTES = 64 << 20;
const MAX_SHARDS = 4096;

/** Reads and checks the header of one safetensors file. */
export async function readSafetensorsHeader(
  folder: Folder,
  path: string,
  signal?: AbortSignal,
): Promise<SafetensorsHeader> {
  const size = await folder.size(path);
  const shown = `${folder.name}/${path}`;
  if (size < 8)
    throw new FileTruncatedError(shown, `the file has ${size} bytes, less than a safetensors header length (8 bytes)`);
  const end = headerEnd(await folder.read(path, 0, 8, signal), size, shown);
  const header = parseSafetensors(await folder.read(path, 0, end, signal), size, shown);
  for (const tensor of header.tensors) tensor.file = path;
  return header;
}

/** Every tensor of the model in `folder`: of `model.safetensors`, otherwise of the shards that its index names. */
export async function readTensorIndex(folder: Folder, signal?: AbortSignal): Promise<TensorIndex> {
  if (await folder.has(SINGLE)) {
    const { tensors } = await readSafetensorsHeader(folder, SINGLE, signal);
    return new Map(tensors.map((tensor) => [tensor.name, tensor]));
  }
  if (await folder.has(INDEX)) return readShards(folder, signal);
  throw new FileMissingError(
    folder.name,
    SINGLE,
    `A model folder needs ${SINGLE} or pytorch_model.bin, or the index of either with its shards.`,
  );
}

/**
 * Every tensor of every shard. As in transformers, the index is used only for the names of shards: its entries for tensors are
 * often stale. When two shards have a tensor of the same name, the last shard wins.
 */
async function readShards(folder: Folder, signal?: AbortSignal): Promise<TensorIndex> {
  const index: TensorIndex = new Map();
  for (const shard of await readShardNames(folder, INDEX, '.safetensors')) {
    for (const tensor of (await readSafetensorsHeader(folder, shard, signal)).tensors) {
      index.set(tensor.name, tensor);
    }
  }
  return index;
}

/** The files that an index names, each once and in order; all of them are there. */
export async function readShardNames(folder: Folder, indexFile: string, ending: string): Promise<string[]> {
  const shown = `${folder.name}/${indexFile}`;
  const { weight_map: map } = await readJsonFile(folder, indexFile, MAX_INDEX_BYTES);
  if (!isJsonObject(map)) throw new FormatError(shown, 'field "weight_map" is missing or not an object');
  for (const [tensor, shard] of Object.entries(map)) {
    // One name, not a path: nothing outside the folder is read.
    const isName = typeof shard === 'string' && /^[^./\\\p{Cc}][^/\\\p{Cc}]*$/u.test(shard) && shard.endsWith(ending);
    if (!isName) {
      throw new FormatError(
        shown,
        `field "weight_map": tensor "${tensor}" names ${JSON.stringify(shard)}, not a shard file`,
        { hint: `A shard is a ${ending} file that lies beside the index.` },
      );
    }
  }
  const shards = [...new Set(Object.values(map) as string[])].sort();
  if (shards.length === 0 || shards.length > MAX_SHARDS) {
    throw new FormatError(shown, `field "weight_map" names ${shards.length} shards; 1 to ${MAX_SHARDS} are read`);
  }
  for (const shard of shards) {
    if (!(await folder.has(shard)))
      throw new FileMissingError(folder.name, shard, `${indexFile} names it; fetch that shard too.`);
  }
  return shards;
}
