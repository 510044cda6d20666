// A model's folder with the matrices that GPTQ, AWQ, bitsandbytes or compressed-tensors packed as matrices of floats. Which form a
// module has follows from the names of its tensors; what else the files hold is passed on.

import type { Folder } from '#lib/core/folder.ts';
import { UnsupportedError } from '../../errors.ts';
import type { JsonObject } from '../../json/json-file.ts';
import type { TensorIndex } from '../model-files.ts';
import { createTensorView, storedTensor, type ViewedTensor } from '../tensor-view.ts';
import { awqMatrix } from './awq.ts';
import { fourBitMatrix, isFourBits } from './four-bit-blocks.ts';
import { gptqMatrix } from './gptq.ts';
import { packQuantisedMatrix } from './pack-quantised.ts';
import { packedParts } from './packed-parts.ts';
import { viewPacked, type PackedMatrix, type PackedSlot } from './packed-tensor.ts';
import { methodOf, storesZeroLessOne } from './quantisation.ts';

const PACKED = /^(.+)\.(?:qweight|weight_packed|weight\.quant_state\.bitsandbytes__\w{1,8})$/;
/** Descriptions of modules that are read at a time. */
const AT_ONCE = 16;

export const packedModules = (index: TensorIndex): string[] =>
  [...index.keys()].flatMap((name) => PACKED.exec(name)?.[1] ?? []);

/** `form` is the description of the quantisation, which only GPTQ's and AWQ's tensors need. */
export async function viewPackedWeights(
  folder: Folder,
  index: TensorIndex,
  { file, form, signal }: { file: string; form: JsonObject | null; signal?: AbortSignal | undefined },
): Promise<Folder> {
  const consumed = new Set<string>();
  const matrices: PackedMatrix[] = [];
  const modules = packedModules(index);
  for (let i = 0; i < modules.length; i += AT_ONCE) {
    const open = (module: string) => packedMatrix(folder, index, { module, consumed, form, signal });
    matrices.push(...(await Promise.all(modules.slice(i, i + AT_ONCE).map(open))));
  }
  const slot: PackedSlot = { name: null, reader: null };
  const made = matrices.map((matrix) => viewPacked(slot, matrix));
  const kept: ViewedTensor[] = [];
  for (const entry of index.values()) if (!consumed.has(entry.name)) kept.push(storedTensor(folder, entry));
  return createTensorView(folder, {
    file,
    tensors: [...made, ...kept],
    origins: [...new Set([...index.values()].map((entry) => entry.file))].sort(),
  });
}

interface Module {
  module: string;
  consumed: Set<string>;
  form: JsonObject | null;
  signal: AbortSignal | undefined;
}

async function packedMatrix(folder: Folder, index: TensorIndex, of: Module): Promise<PackedMatrix> {
  const { module, consumed, form, signal } = of;
  const parts = packedParts(folder, index, module, consumed);
  if (isFourBits(parts)) return fourBitMatrix(parts, signal);
  if (parts.has('weight_packed')) return packQuantisedMatrix(parts, signal);
  if (parts.has('weight')) return parts.fail('weight', 'stands beside packed numbers of the same module');
  const method = form && methodOf(form);
  if (method === 'awq') return awqMatrix(parts);
  if (form && method === 'gptq') {
    const size = Number(form['group_size'] ?? -1);
    return gptqMatrix(parts, { addsOne: storesZeroLessOne(form), groupSize: size > 0 ? size : null });
  }
  throw new UnsupportedError(
    folder.name,
    `tensor "${module}.qweight" is packed, and neither config.json nor quantize_config.json says how`,
    'GPTQ and AWQ describe their layout in field "quantization_config"; fetch config.json again.',
  );
}
