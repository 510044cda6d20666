// A LoRA adapter in a GGUF file, as llama.cpp writes it, as the PEFT folder that it was made from.

import type { Folder } from '#lib/core/folder.ts';
import { FormatError, UnsupportedError } from '#lib/formats/errors.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { readGgufHeader } from '#lib/formats/model/gguf-header.ts';
import { viewGgufTensor } from '#lib/formats/model/gguf-tensor.ts';
import { createTensorView, type ViewedTensor } from '#lib/formats/model/tensor-view.ts';
import { ggufFields } from './gguf-fields.ts';
import { GGUF_FILE } from './gguf-file.ts';
import { ggufArchitecture, moduleName } from './gguf-names.ts';
import { transposed } from './transposed-tensor.ts';

/** `headDim` is the base's: where llama.cpp interleaves the rows of queries and keys, it does so in B too. */
export async function viewGgufAdapter(
  folder: Folder,
  { headDim }: { headDim: number },
  signal?: AbortSignal,
): Promise<Folder> {
  const header = await readGgufHeader(folder, GGUF_FILE, signal);
  const fields = ggufFields(header, folder.name);
  const type = fields.text('adapter.type');
  if (fields.text('general.type') !== 'adapter' || type !== 'lora') {
    throw new UnsupportedError(
      folder.name,
      type === null ? 'the file is not an adapter' : `field "adapter.type" is "${type.slice(0, 40)}"`,
      'Adapters of type "lora" are read.',
    );
  }
  const architecture = ggufArchitecture(fields.architecture, folder.name);
  const ranks = new Map<string, number>();
  const tensors: ViewedTensor[] = header.tensors.map((tensor) => {
    const [, path, half] = /^(.+)\.weight\.lora_([ab])$/.exec(tensor.name) ?? [];
    const named = path === undefined ? null : moduleName(path, architecture);
    const rank = tensor.shape[half === 'a' && named?.module !== 'token_embd' ? 0 : 1];
    if (!named || rank === undefined) {
      throw new UnsupportedError(
        folder.name,
        `tensor "${tensor.name}" is not part of a supported adapter`,
        'Read are the two halves, lora_a and lora_b, of matrices of the base.',
      );
    }
    const { name, module } = named;
    if ((ranks.get(name) ?? rank) !== rank)
      throw new FormatError(folder.name, `the two halves of "${path}" have different ranks`);
    ranks.set(name, rank);
    const isInterleaved = architecture.interleaved === true && half === 'b' && ['attn_q', 'attn_k'].includes(module);
    if (isInterleaved && tensor.shape[0]! % headDim !== 0)
      throw new FormatError(folder.name, `tensor "${tensor.name}" does not have the rows of whole heads of the base`);
    const isTable = module === 'token_embd';
    const viewed = viewGgufTensor(folder, GGUF_FILE, tensor, {
      name: `base_model.model.${name}.lora_${isTable ? 'embedding_' : ''}${half === 'a' ? 'A' : 'B'}${isTable ? '' : '.weight'}`,
      headRows: isInterleaved ? headDim : undefined,
    });
    // llama.cpp looks a token's row up in A.
    return isTable && half === 'a' ? transposed(viewed, folder.name) : viewed;
  });
  const [r = 1] = ranks.values();
  // In llama.cpp an alpha of 0 stands for a scale of 1.
  const alpha = fields.number('adapter.lora.alpha', 0);
  const others = [...ranks].filter(([, rank]) => rank !== r);
  const invocation = fields.numbers('adapter.alora.invocation_tokens');
  const config = {
    peft_type: 'LORA',
    r,
    lora_alpha: alpha || r,
    rank_pattern: Object.fromEntries(others),
    ...(alpha === 0 && { alpha_pattern: Object.fromEntries(others) }),
    ...(invocation.length > 0 && { alora_invocation_tokens: invocation }),
    base_model_name_or_path: fields.text('general.base_model.0.name'),
  };
  return createTensorView(folder, {
    file: ADAPTER_WEIGHTS,
    tensors,
    texts: new Map([[ADAPTER_CONFIG, JSON.stringify(config)]]),
    origins: [GGUF_FILE],
  });
}

/** What a GGUF file holds. */
export async function ggufKind(folder: Folder, signal?: AbortSignal): Promise<'model' | 'adapter'> {
  const { metadata } = await readGgufHeader(folder, GGUF_FILE, signal);
  return metadata.get('general.type') === 'adapter' ? 'adapter' : 'model';
}
