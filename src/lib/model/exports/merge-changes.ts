// What an adapter changes in each tensor of its base. Names are those of the base's files without their prefix.

import type { Folder } from '#lib/core/folder.ts';
import { UnsupportedError } from '#lib/formats/errors.ts';
import { withoutPrefix } from '#lib/formats/model/adapter-module.ts';
import type { AdaptedTokens } from '#lib/formats/model/adapter.ts';
import type { TensorIndex } from '#lib/formats/model/model-files.ts';
import { readTensor } from '../lora.ts';
import type { AdaptedModule, AdapterSource } from './adapter-source.ts';
import { addLowRank, scaleColumns, scaleRows, turned, type LowRank, type RowChange } from './low-rank-rows.ts';
import type { Change, RowBlock } from './merged-tensor.ts';

/** By the name of a module with `.weight`, or of a vector; the tables are for the caller, which knows how they are tied. */
export function layerChanges(
  { modules, plan, folder, base }: AdapterSource,
  index: TensorIndex,
): Map<string, Change[]> {
  const names = new Map([...index.keys()].map((name) => [withoutPrefix(name), name]));
  const changes = new Map<string, Change[]>();
  const add = (name: string, origin: string, change: Change) => {
    const stored = names.get(name);
    if (stored === undefined) {
      throw new UnsupportedError(
        plan.name,
        `tensor "${origin}" changes "${name}", which the files of the base do not hold`,
        'Export the adapter to peft instead.',
      );
    }
    changes.set(stored, [...(changes.get(stored) ?? []), change]);
  };
  for (const module of modules) {
    if (module.place !== 'layer') continue;
    const change = matrixChange(folder, module, base.isTransposed && module.name !== base.acrossLayers);
    add(`${module.name}.weight`, module.a.name, change);
  }
  for (const { name, tensor, added } of plan.vectors)
    add(name, tensor.name, async () => {
      const values = await readTensor(folder, tensor);
      // The rows of a vector have one element each.
      return (rows, firstRow) => {
        for (let i = 0; i < rows.length; i++) {
          const value = values[firstRow + i]!;
          rows[i] = added === null ? value : rows[i]! + added * value;
        }
      };
    });
  return changes;
}

/** LoRA on the embedding, whose rows belong to tokens as those of the head do. */
export function tableChange(folder: Folder, module: AdaptedModule): Change {
  if (module.place === 'head') return matrixChange(folder, module, false);
  return async () => addLowRank(await turnedLowRank(folder, module));
}

export const tokenChange =
  (folder: Folder, { ids, rows }: AdaptedTokens): Change =>
  async () => {
    const values = await readTensor(folder, rows);
    const places = new Map(ids.map((id, i) => [id, i]));
    return (block, firstRow, width) => {
      for (let row = 0; row * width < block.length; row++) {
        const place = places.get(firstRow + row);
        if (place !== undefined) block.set(values.subarray(place * width, (place + 1) * width), row * width);
      }
    };
  };

function matrixChange(folder: Folder, module: AdaptedModule, isTransposed: boolean): Change {
  return async (rows) => {
    const { rank, scale } = module;
    const low: LowRank = isTransposed
      ? await turnedLowRank(folder, module)
      : { left: await readTensor(folder, module.b), right: await readTensor(folder, module.a), rank, scale };
    const added = addLowRank(low);
    if (!module.magnitude) return added;
    const magnitude = await readTensor(folder, module.magnitude);
    const scaled = isTransposed ? scaleColumns(await columnFactors(rows(), added, magnitude)) : scaleRows(magnitude);
    return (block, firstRow, width) => {
      added(block, firstRow, width);
      scaled(block, firstRow, width);
    };
  };
}

/** For a matrix whose rows belong to inputs: A turned, then B turned. */
async function turnedLowRank(folder: Folder, { a, b, rank, scale }: AdaptedModule): Promise<LowRank> {
  const left = turned(await readTensor(folder, a), rank, a.shape[1]!);
  const right = turned(await readTensor(folder, b), b.shape[0]!, rank);
  return { left, right, rank, scale };
}

async function columnFactors(
  blocks: AsyncIterable<RowBlock>,
  added: RowChange,
  magnitude: Float32Array,
): Promise<Float64Array> {
  const squares = new Float64Array(magnitude.length);
  for await (const { values, firstRow, width } of blocks) {
    added(values, firstRow, width);
    for (let at = 0; at < values.length; at += width)
      for (let k = 0; k < width; k++) squares[k]! += values[at + k]! ** 2;
  }
  return squares.map((sum, k) => magnitude[k]! / Math.sqrt(sum));
}
