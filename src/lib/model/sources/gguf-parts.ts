// The headers of a GGUF model, which may have been split into parts: the first has the metadata of the model, each has tensors.

import type { Folder } from '#lib/core/folder.ts';
import { FileMissingError, FormatError } from '#lib/formats/errors.ts';
import { readGgufHeader, type GgufHeader, type GgufTensor } from '#lib/formats/model/gguf-header.ts';
import { GGUF_FILE, ggufPart } from './gguf-file.ts';

/** llama.cpp counts parts in 16 bits; no published model comes near this. */
const MAX_PARTS = 1024;
const HINT = 'Choose all parts of the model together, as they were published.';

export interface GgufParts {
  metadata: GgufHeader['metadata'];
  tensors: (GgufTensor & { file: string })[];
  /** All of them, in order. */
  files: string[];
}

export async function readGgufParts(folder: Folder, signal?: AbortSignal): Promise<GgufParts> {
  const { metadata, tensors } = await readGgufHeader(folder, GGUF_FILE, signal);
  const count = fieldOf(metadata, 'split.count') ?? 1;
  const files = [GGUF_FILE];
  const all = tensors.map((tensor) => ({ ...tensor, file: GGUF_FILE }));
  if (count <= 1) return { metadata, tensors: all, files };
  const fail = (what: string): never => {
    throw new FormatError(folder.name, what, { hint: HINT });
  };
  if (!Number.isInteger(count) || count > MAX_PARTS) return fail(`field "split.count" is ${count}`);
  const checkNumber = (of: GgufHeader['metadata'], number: number) => {
    const given = fieldOf(of, 'split.no');
    if (given !== number - 1) fail(`the file in place of part ${number} of ${count} is part ${(given ?? NaN) + 1}`);
  };
  checkNumber(metadata, 1);
  const names = new Set(all.map(({ name }) => name));
  for (let number = 2; number <= count; number++) {
    const file = ggufPart(number);
    if (!(await folder.has(file))) throw new FileMissingError(folder.name, `part ${number} of ${count}`, HINT);
    const part = await readGgufHeader(folder, file, signal);
    if ((fieldOf(part.metadata, 'split.count') ?? 1) !== count) fail(`part ${number} belongs to another model`);
    checkNumber(part.metadata, number);
    for (const tensor of part.tensors) {
      if (names.has(tensor.name)) fail(`two parts have the tensor "${tensor.name}"`);
      names.add(tensor.name);
      all.push({ ...tensor, file });
    }
    files.push(file);
  }
  const total = fieldOf(metadata, 'split.tensors.count');
  if (total !== null && total !== all.length) fail(`the parts have ${all.length} tensors, the first one says ${total}`);
  return { metadata, tensors: all, files };
}

function fieldOf(metadata: GgufHeader['metadata'], key: string): number | null {
  const value = metadata.get(key);
  return typeof value === 'number' ? value : null;
}
