// Names of a LLaMA model's tensors, from those of transformers to those of llama.cpp.

import { UnsupportedError } from '#lib/formats/errors.ts';
import { ggufModuleOf } from '../sources/gguf-names.ts';

export function ggufTensorName(name: string, file: string): { name: string; module: string } {
  const [, path, kind] = /^(.+)\.(weight)$/.exec(name) ?? [];
  const [, layer, within] = /^model\.layers\.(\d+)\.(.+)$/.exec(path ?? '') ?? [];
  const module = ggufModuleOf(within ?? path ?? name);
  if (module === null)
    throw new UnsupportedError(
      file,
      `tensor "${name}" has no place in a GGUF file`,
      'Choose a GGUF file of this model.',
    );
  return { name: `${layer === undefined ? '' : `blk.${layer}.`}${module}.${kind}`, module };
}
