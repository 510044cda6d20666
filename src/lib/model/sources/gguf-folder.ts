// A GGUF file as the Hugging Face folder that it was made from: config, tokenizer and tensors under the names of transformers.

import type { Folder } from '#lib/core/folder.ts';
import { FormatError } from '#lib/formats/errors.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import type { GgufTensor } from '#lib/formats/model/gguf-header.ts';
import { viewGgufTensor } from '#lib/formats/model/gguf-tensor.ts';
import { SINGLE } from '#lib/formats/model/model-files.ts';
import { createTensorView, type ViewedTensor } from '#lib/formats/model/tensor-view.ts';
import { ggufConfig, ggufHeads } from './gguf-config.ts';
import { ggufFields, type GgufFields } from './gguf-fields.ts';
import { ggufArchitecture, tensorName } from './gguf-names.ts';
import { readGgufParts } from './gguf-parts.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';

const MAX_ROTATIONS = 4096;

export async function viewGgufModel(folder: Folder, signal?: AbortSignal): Promise<Folder> {
  const header = await readGgufParts(folder, signal);
  const fields = ggufFields(header, folder.name);
  if (fields.text('general.type') === 'adapter') {
    throw new FormatError(folder.name, 'the file is an adapter, not a model', {
      hint: 'Open its base model first, then the adapter.',
    });
  }
  const architecture = ggufArchitecture(fields.architecture, folder.name);
  const { heads, kvHeads, headDim } = ggufHeads(fields);
  const rotations = new Map<string, Float32Array>();
  const tensors: ViewedTensor[] = [];
  for (const tensor of header.tensors) {
    const named = tensorName(tensor.name, architecture, folder.name);
    if (!named) {
      rotations.set(tensor.name, await readWhole(folder, tensor, signal));
      continue;
    }
    const { name, module } = named;
    const isRotated = architecture.interleaved === true && (module === 'attn_q' || module === 'attn_k');
    if (isRotated && tensor.shape[0] !== headDim * (module === 'attn_q' ? heads : kvHeads))
      throw new FormatError(
        folder.name,
        `tensor "${tensor.name}" has ${tensor.shape[0]} rows, which are not its heads`,
      );
    tensors.push(
      viewGgufTensor(folder, tensor.file, tensor, {
        name,
        headRows: isRotated ? headDim : undefined,
        add: architecture.normPlusOne && module.endsWith('norm') ? -1 : undefined,
      }),
    );
  }
  const byName = new Map(header.tensors.map((tensor) => [tensor.name, tensor]));
  const tokenizer = ggufTokenizer(fields);
  const texts = new Map(
    Object.entries({
      'config.json': ggufConfig({ fields, architecture, tensors: byName, rotations }),
      'generation_config.json': endTokens(fields),
      ...(tokenizer && { 'tokenizer.json': tokenizer, 'tokenizer_config.json': tokenizerConfig(fields) }),
    }).map(([name, content]) => [name, JSON.stringify(content)]),
  );
  return createTensorView(folder, { file: SINGLE, tensors, texts, origins: header.files });
}

async function readWhole(
  folder: Folder,
  tensor: GgufTensor & { file: string },
  signal?: AbortSignal,
): Promise<Float32Array> {
  const count = tensor.shape.reduce((product, side) => product * side, 1);
  if (count > MAX_ROTATIONS)
    throw new FormatError(
      folder.name,
      `tensor "${tensor.name}" has ${count} numbers; at most ${MAX_ROTATIONS} are read`,
    );
  const { dtype, read } = viewGgufTensor(folder, tensor.file, tensor, { name: tensor.name });
  return decodeFloats(await read(0, count * (dtype === 'F32' ? 4 : 2), signal), dtype, tensor.name);
}

function endTokens(fields: GgufFields): object {
  const ids = ['eos', 'eot', 'eom'].map((name) => fields.numberOrNull(`tokenizer.ggml.${name}_token_id`));
  return { eos_token_id: [...new Set(ids.filter((id) => id !== null))] };
}

/** What tokenizer_config.json says: special tokens by role, and the chat template. */
export function tokenizerConfig(fields: GgufFields): JsonObject {
  const tokens = fields.texts('tokenizer.ggml.tokens');
  const named = ['bos', 'eos', 'unk', 'pad'].flatMap((role) => {
    const field = { unk: 'unknown', pad: 'padding' }[role] ?? role;
    const token = tokens[fields.numberOrNull(`tokenizer.ggml.${field}_token_id`) ?? -1];
    return token === undefined ? [] : [[`${role}_token`, token] as const];
  });
  const template = fields.text('tokenizer.chat_template');
  return { ...Object.fromEntries(named), ...(template !== null && { chat_template: template }) };
}
