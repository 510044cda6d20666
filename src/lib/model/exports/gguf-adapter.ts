// A LoRA adapter of a PEFT folder as a GGUF file, for runtimes that read nothing else. Scales are multiplied into B, so each matrix
// may have its own.

import type { Folder } from '#lib/core/folder.ts';
import { UnsupportedError } from '#lib/formats/errors.ts';
import { ADAPTER_WEIGHTS, type AdapterPlan } from '#lib/formats/model/adapter.ts';
import type { AdaptedMatrix } from '#lib/formats/model/adapter-module.ts';
import { encodeGguf, type GgufField, type WrittenGgufTensor } from '#lib/formats/model/encode-gguf.ts';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import { interleaveHeads } from './interleave-heads.ts';

/** llama.cpp's names of the projections that an adapter may change. */
const MODULES: Readonly<Record<string, string>> = {
  q: 'attn_q',
  k: 'attn_k',
  v: 'attn_v',
  o: 'attn_output',
  gate: 'ffn_gate',
  up: 'ffn_up',
  down: 'ffn_down',
};

export interface AdaptedGguf {
  /** `general.architecture` of the base. */
  architecture: string;
  headDim: number;
  /** The base has its queries and keys interleaved. */
  interleaved: boolean;
}

/** The parts of the file, in order. `folder` is in the form that PEFT writes. */
export async function* encodeGgufAdapter(
  folder: Folder,
  plan: AdapterPlan,
  base: AdaptedGguf,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  refuseOthers(plan);
  const fields: GgufField[] = [
    ['general.architecture', 'text', base.architecture],
    ['general.type', 'text', 'adapter'],
    ['general.name', 'text', plan.name],
    ['adapter.type', 'text', 'lora'],
    // In llama.cpp an alpha of 0 stands for a scale of 1.
    ['adapter.lora.alpha', 'f32', 0],
  ];
  const floats = async (entry: TensorEntry) => {
    const bytes = await folder.read(ADAPTER_WEIGHTS, entry.start, entry.end, signal);
    return decodeFloats(bytes, entry.dtype, entry.name);
  };
  yield* encodeGguf(
    fields,
    plan.matrices.flatMap((matrix) => halves(matrix, base, floats)),
  );
}

function refuseOthers(plan: AdapterPlan): void {
  if (plan.invocation) {
    throw new UnsupportedError(
      plan.name,
      'wllama applies an adapter to all tokens, and this one begins at its invocation',
      'Open the model on the own engine, which applies it from there on.',
    );
  }
  const { saved, tables, tokens } = plan;
  const others = [saved, tables, tokens].flatMap((of) => [of.embedding, of.head]).filter((of) => of !== null);
  if (plan.kind !== 'dora' && others.length === 0 && plan.vectors.length === 0) return;
  throw new UnsupportedError(
    plan.name,
    'llama.cpp applies LoRA to matrices of layers, and this adapter has other parts',
    'Open the model on the own engine, which applies them.',
  );
}

function halves(
  { layer, target, rank, scale, a, b }: AdaptedMatrix,
  base: AdaptedGguf,
  floats: (entry: TensorEntry) => Promise<Float32Array<ArrayBuffer>>,
): WrittenGgufTensor[] {
  const module = MODULES[target.name];
  if (module === undefined || b.pieces)
    throw new UnsupportedError(
      a.file,
      `an adapter of "${target.name}" has no place in a GGUF file`,
      'Open it on the own engine.',
    );
  const name = `blk.${layer}.${module}.weight.lora_`;
  const isRotated = base.interleaved && (module === 'attn_q' || module === 'attn_k');
  return [
    {
      name: `${name}a`,
      shape: [rank, target.input],
      type: 'F32',
      read: async () => new Uint8Array((await floats(a)).buffer),
    },
    {
      name: `${name}b`,
      shape: [target.output, rank],
      type: 'F32',
      async read() {
        const scaled = new Uint8Array((await floats(b)).map((value) => value * scale).buffer);
        return isRotated ? interleaveHeads(scaled, base.headDim, 4 * rank) : scaled;
      },
    },
  ];
}
