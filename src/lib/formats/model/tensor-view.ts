// A folder in which tensors of another format appear as one safetensors file, the only format that models and adapters are read from.
// The header is written here; a tensor's bytes are made when a range is read, and nothing of them is kept.

import type { Folder } from '#lib/core/folder.ts';
import { FileTruncatedError } from '../errors.ts';
import { createMemoryFolder } from '../memory-folder.ts';
import { encodeSafetensorsHead, tensorBytes, type TensorDtype, type TensorEntry } from './safetensors.ts';

export interface ViewedTensor {
  name: string;
  dtype: TensorDtype;
  shape: number[];
  /** Its bytes [start, end), little-endian, in the dtype and the order that the view declares. */
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

export interface TensorView {
  /** Name of the safetensors file. */
  file: string;
  tensors: readonly ViewedTensor[];
  /** Further files that the view adds or replaces, as texts. */
  texts?: ReadonlyMap<string, string>;
  /** Files of the folder that all this is made from. */
  origins: readonly string[];
}

/** Files that the view does not name are those of `folder`. */
export function createTensorView(folder: Folder, { file, tensors, texts = new Map(), origins }: TensorView): Folder {
  const head = encodeSafetensorsHead(tensors);
  let size = head.length;
  const places = tensors.map((tensor) => {
    const start = size;
    size += tensorBytes(tensor.dtype, tensor.shape);
    return { tensor, start, end: size };
  });
  const made = createMemoryFolder(folder.name, texts);

  const readTensors = async (start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> => {
    if (end > size)
      throw new FileTruncatedError(`${folder.name}/${file}`, `the file ends at ${size}, byte ${end} was wanted`);
    const parts: Uint8Array<ArrayBuffer>[] = start < head.length ? [head.slice(start, Math.min(end, head.length))] : [];
    for (let i = firstEndingBehind(places, start); i < places.length && places[i]!.start < end; i++) {
      const { tensor, start: first, end: last } = places[i]!;
      const [from, to] = [Math.max(start, first), Math.min(end, last)];
      if (from < to) parts.push(await tensor.read(from - first, to - first, signal));
    }
    return parts.length === 1 ? parts[0]! : joined(parts);
  };

  return {
    name: folder.name,
    has: async (path) => path === file || texts.has(path) || folder.has(path),
    size: async (path) => (path === file ? size : texts.has(path) ? made.size(path) : folder.size(path)),
    read(path, start, end, signal) {
      if (path === file) return readTensors(start, end, signal);
      return texts.has(path) ? made.read(path, start, end, signal) : folder.read(path, start, end, signal);
    },
    origins(path) {
      const isMade = path === file || texts.has(path);
      return isMade ? origins.flatMap((origin) => folder.origins?.(origin) ?? [origin]) : [path];
    },
  };
}

/** A tensor whose bytes lie in a file as they are. */
export const storedTensor = (folder: Folder, entry: TensorEntry): ViewedTensor => ({
  name: entry.name,
  dtype: entry.dtype,
  shape: entry.shape,
  read: (start, end, signal) => folder.read(entry.file, entry.start + start, entry.start + end, signal),
});

/** Places are in order, so the first that a range touches is found by halving. */
function firstEndingBehind(places: readonly { end: number }[], at: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]!.end > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
