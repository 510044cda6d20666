// The tensors that a quantised module has in place of its weight: found by name, with dtype and shape checked.

import type { Folder } from '#lib/core/folder.ts';
import { FormatError } from '../../errors.ts';
import type { TensorIndex } from '../model-files.ts';
import type { TensorDtype, TensorEntry } from '../safetensors.ts';

export interface PackedParts {
  folder: Folder;
  /** Path of the module, without a dot behind it. */
  module: string;
  has(part: string): boolean;
  /** Null: the module has none. */
  optional(part: string, dtypes: readonly TensorDtype[]): TensorEntry | null;
  matrix(part: string, dtypes: readonly TensorDtype[]): TensorEntry & { shape: [number, number] };
  fail(part: string, what: string): never;
}

export const FLOATS: readonly TensorDtype[] = ['F32', 'F16', 'BF16'];
export const WORDS: readonly TensorDtype[] = ['I32', 'U32'];

const HINT =
  'The tensors belong to another layout than the one that is read here; use the checkpoint in 16 bits or a GGUF file.';

/** `consumed` collects the names of tensors that were asked for. */
export function packedParts(folder: Folder, index: TensorIndex, module: string, consumed: Set<string>): PackedParts {
  const fail = (part: string, what: string): never => {
    throw new FormatError(folder.name, `tensor "${module}.${part}" ${what}`, { hint: HINT });
  };
  const optional: PackedParts['optional'] = (part, dtypes) => {
    const entry = index.get(`${module}.${part}`);
    if (!entry) return null;
    consumed.add(entry.name);
    if (!dtypes.includes(entry.dtype)) return fail(part, `has dtype ${entry.dtype}, not ${dtypes.join(' or ')}`);
    return entry;
  };
  return {
    folder,
    module,
    fail,
    has: (part) => index.has(`${module}.${part}`),
    optional,
    matrix(part, dtypes) {
      const entry = optional(part, dtypes) ?? fail(part, 'is missing');
      if (entry.shape.length !== 2 || entry.shape.includes(0))
        return fail(part, `has shape [${entry.shape.join(', ')}], which is not that of a matrix`);
      return entry as TensorEntry & { shape: [number, number] };
    },
  };
}
