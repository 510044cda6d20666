// An adapter as one file of llama.cpp. Scales are multiplied into B, so each module may have its own.

import { UnsupportedError } from '#lib/formats/errors.ts';
import { encodeGguf, ggufBytes, type GgufField, type WrittenGgufTensor } from '#lib/formats/model/encode-gguf.ts';
import { ggufArchitecture, ggufModuleOf, ggufNameOfFamily } from '../sources/gguf-names.ts';
import { readTensor } from '../lora.ts';
import { openAdapterSource, type AdaptedModule, type AdapterSource, type ExportInput } from './adapter-source.ts';
import type { Export, ExportedFile } from './exported-file.ts';
import { interleaveHeads } from './interleave-heads.ts';
import { turned } from './low-rank-rows.ts';
import { refuseParts } from './refuse-parts.ts';

const GGUF_ADAPTER = 'adapter.gguf';

export async function exportGguf(input: ExportInput, signal?: AbortSignal): Promise<Export> {
  return { files: [ggufAdapterFile(await openAdapterSource(input, signal))], notes: [] };
}

/** @throws UnsupportedError naming what llama.cpp's format cannot hold */
export function ggufAdapterFile(source: AdapterSource): ExportedFile {
  const { plan, modules, architecture } = source;
  refuseParts(source, { format: 'a LoRA file of llama.cpp', dora: false, invocation: true });
  const name = ggufNameOfFamily(architecture.family, plan.name);
  const fields: GgufField[] = [
    ['general.architecture', 'text', name],
    ['general.type', 'text', 'adapter'],
    ['general.name', 'text', plan.name],
    ...(plan.baseModel === null ? [] : ([['general.base_model.0.name', 'text', plan.baseModel]] as GgufField[])),
    ['adapter.type', 'text', 'lora'],
    // In llama.cpp an alpha of 0 stands for a scale of 1.
    ['adapter.lora.alpha', 'f32', 0],
    ...(plan.invocation ? ([['adapter.alora.invocation_tokens', 'uints', plan.invocation]] as GgufField[]) : []),
  ];
  const { interleaved = false } = ggufArchitecture(name, plan.name);
  const tensors = modules.flatMap((module) => halves(source, module, interleaved));
  return {
    path: GGUF_ADAPTER,
    bytes: ggufBytes(fields, tensors),
    pieces: (signal) => encodeGguf(fields, tensors, signal),
  };
}

function halves(
  { folder, architecture, plan }: AdapterSource,
  module: AdaptedModule,
  interleaved: boolean,
): WrittenGgufTensor[] {
  const { rank, scale, a, b, place } = module;
  const [, layer, within] = /^layers\.(\d+)\.(.+)$/.exec(module.name) ?? [];
  const named = ggufModuleOf(within ?? `${place === 'embedding' ? 'model.' : ''}${module.name}`);
  if (named === null)
    throw new UnsupportedError(
      plan.name,
      `module "${module.path}" has no name in llama.cpp`,
      'Export the adapter to peft, or merge it.',
    );
  const name = `${layer === undefined ? '' : `blk.${layer}.`}${named}.weight.lora_`;
  const isRotated = interleaved && (named === 'attn_q' || named === 'attn_k');
  const isTable = place === 'embedding';
  const [rows, columns] = [a.shape[0]!, a.shape[1]!];
  const bytes = (values: Float32Array) => new Uint8Array(values.slice().buffer);
  return [
    {
      name: `${name}a`,
      // llama.cpp looks a token's row up in A.
      shape: isTable ? [columns, rows] : [rows, columns],
      type: 'F32',
      async read() {
        const values = await readTensor(folder, a);
        return bytes(isTable ? turned(values, rows, columns) : values);
      },
    },
    {
      name: `${name}b`,
      shape: b.shape,
      type: 'F32',
      async read() {
        const scaled = bytes((await readTensor(folder, b)).map((value) => value * scale));
        return isRotated ? interleaveHeads(scaled, architecture.headDim, 4 * rank) : scaled;
      },
    },
  ];
}
