// A LLaMA model of a Hugging Face folder as a GGUF file, for runtimes that read nothing else. Weights keep their values; only names
// and the order of rows change.

import type { Folder } from '#lib/core/folder.ts';
import { UnsupportedError } from '#lib/formats/errors.ts';
import { encodeGguf, type GgufField, type WrittenGgufTensor } from '#lib/formats/model/encode-gguf.ts';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import { readTensorIndex } from '#lib/formats/model/model-files.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import type { Architecture } from '../architecture.ts';
import { readArchitecture } from '../config.ts';
import { ggufTensorName } from './gguf-tensor-name.ts';
import { ggufTokenizerFields } from './gguf-tokenizer-fields.ts';
import { interleaveHeads } from './interleave-heads.ts';

/** The parts of the file, in order. */
export async function* encodeGgufModel(folder: Folder, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const architecture = await readArchitecture(folder);
  refuseOthers(architecture, folder.name);
  const index = await readTensorIndex(folder, signal);
  const fields = [
    ...modelFields(architecture, folder.name),
    ...(await ggufTokenizerFields(folder, architecture.vocab)),
  ];
  const tensors = [...index.values()].flatMap((entry) => {
    if (entry.name === 'lm_head.weight' && architecture.tiedHead) return [];
    return [writtenTensor(folder, entry, architecture, signal)];
  });
  yield* encodeGguf(fields, tensors);
}

function refuseOthers(a: Architecture, name: string): void {
  const isPlain =
    a.family === 'llama' &&
    !a.qkvBias &&
    !a.outputBias &&
    !a.mlpBias &&
    a.plan.every(({ rope }) => rope?.scaling.type === 'default');
  if (isPlain) return;
  throw new UnsupportedError(
    name,
    'only plain LLaMA folders can be rewritten as GGUF',
    'Choose a GGUF file of this model, or open the folder on the own engine.',
  );
}

function modelFields(a: Architecture, name: string): GgufField[] {
  return [
    ['general.architecture', 'text', 'llama'],
    ['general.name', 'text', name],
    ['llama.vocab_size', 'u32', a.vocab],
    ['llama.context_length', 'u32', a.contextLength],
    ['llama.embedding_length', 'u32', a.hidden],
    ['llama.block_count', 'u32', a.layers],
    ['llama.feed_forward_length', 'u32', a.ffn],
    ['llama.attention.head_count', 'u32', a.heads],
    ['llama.attention.head_count_kv', 'u32', a.kvHeads],
    ['llama.attention.key_length', 'u32', a.headDim],
    ['llama.attention.value_length', 'u32', a.headDim],
    ['llama.rope.dimension_count', 'u32', a.headDim],
    ['llama.rope.freq_base', 'f32', a.plan[0]!.rope!.theta],
    ['llama.attention.layer_norm_rms_epsilon', 'f32', a.normEps],
  ];
}

function writtenTensor(folder: Folder, entry: TensorEntry, a: Architecture, signal?: AbortSignal): WrittenGgufTensor {
  const { name, module } = ggufTensorName(entry.name, folder.name);
  const { dtype, shape } = entry;
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16')
    throw new UnsupportedError(folder.name, `tensor "${entry.name}" has dtype ${dtype}`, 'Save the model as F16.');
  // llama.cpp computes norms from F32 only.
  const isVector = shape.length === 1;
  return {
    name,
    shape,
    type: isVector ? 'F32' : dtype,
    async read() {
      const bytes = await folder.read(entry.file, entry.start, entry.end, signal);
      if (isVector) return new Uint8Array(decodeFloats(bytes, dtype, entry.name).buffer);
      const isRotated = module === 'attn_q' || module === 'attn_k';
      return isRotated ? interleaveHeads(bytes, a.headDim, bytes.length / shape[0]!) : bytes;
    },
  };
}
