// Decides whether a model is tied when config.json says so but its files hold both tables: like transformers, compares the
// tables. If they are equal they are tied; if not, config.json is wrong (an adapter that trained them separately was merged), and
// both are kept.

import type { Folder } from '#lib/core/folder.ts';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import type { Architecture } from './architecture.ts';
import type { ModelTensors } from './families/resolve-tensors.ts';

/** Values compared per step. */
const PIECE = 1 << 20;

/** The tensors without a head that equals the embedding. Reads both tables only when config.json ties them. */
export async function dropEqualHead(
  folder: Folder,
  { tiedHead }: Pick<Architecture, 'tiedHead'>,
  tensors: ModelTensors,
  signal?: AbortSignal,
): Promise<ModelTensors> {
  const { embedding, head } = tensors;
  if (!tiedHead || !head || !(await areEqual(folder, embedding, head, signal))) return tensors;
  return { ...tensors, head: null };
}

async function areEqual(folder: Folder, a: TensorEntry, b: TensorEntry, signal?: AbortSignal): Promise<boolean> {
  const count = a.shape.reduce((product, side) => product * side, 1);
  for (let at = 0; at < count; at += PIECE) {
    const end = Math.min(count, at + PIECE);
    const [left, right] = [await readValues(folder, a, at, end, signal), await readValues(folder, b, at, end, signal)];
    if (!left.every((value, i) => value === right[i])) return false;
  }
  return true;
}

/** Values [from, to) of a tensor as f32. */
export async function readValues(
  folder: Folder,
  entry: TensorEntry,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const count = entry.shape.reduce((product, side) => product * side, 1);
  const bytes = (entry.end - entry.start) / count;
  const piece = await folder.read(entry.file, entry.start + from * bytes, entry.start + to * bytes, signal);
  return decodeFloats(piece, entry.dtype, `${folder.name}/${entry.file}: tensor "${entry.name}"`);
}
