// An adapter as mlx-lm reads it: halves transposed, one scale for the whole adapter. Where modules have scales of their own, the
// difference is multiplied into B.

import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { UnsupportedError } from '#lib/formats/errors.ts';
import { isJsonObject, readJsonFile } from '#lib/formats/json/json-file.ts';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import { encodeFloats } from '#lib/formats/model/encode-floats.ts';
import { storedTensor, type ViewedTensor } from '#lib/formats/model/tensor-view.ts';
import { tensorBytes } from '#lib/formats/model/safetensors.ts';
import { MLX_WEIGHTS } from '../sources/mlx-adapter.ts';
import { transposed } from '../sources/transposed-tensor.ts';
import { openAdapterSource, type AdaptedModule, type AdapterSource, type ExportInput } from './adapter-source.ts';
import { jsonFile, type Export } from './exported-file.ts';
import { refuseParts } from './refuse-parts.ts';
import { copiedTensor, madeTensor, safetensorsFile, type WrittenTensor } from './safetensors-export.ts';

/** Families whose modules have the same names in mlx-lm, behind `model.`. */
const FAMILIES = new Set([
  ...['llama', 'mistral', 'ministral3', 'qwen2', 'qwen3', 'qwen2_moe', 'qwen3_moe', 'gemma', 'gemma2', 'gemma3', 'phi'],
  ...['phi3', 'olmo2', 'granite', 'smollm3', 'lfm2', 'glm', 'glm4', 'gpt2', 'deepseek_v2', 'deepseek_v3'],
]);
/** Modules that mlx-lm divides when it loads the base. */
const DIVIDED = new Set(['self_attn.kv_b_proj']);

export async function exportMlx(input: ExportInput, signal?: AbortSignal): Promise<Export> {
  const source = await openAdapterSource(input, signal);
  const { plan, modules, base, folder } = source;
  refuseParts(source, { format: 'an adapter of MLX', dora: true, invocation: false });
  const pathOf = await mlxPaths(source);
  const [first] = modules;
  if (!first) throw new UnsupportedError(plan.name, 'the adapter adapts no module', 'Export it to peft.');
  const { scale } = first;
  const file = folder.name;
  const tensors = modules.flatMap((module): WrittenTensor[] => {
    const path = pathOf(module);
    const [a, b] = [module.a, module.b].map((entry) => transposed(storedTensor(folder, entry), file));
    const halves = [whole(a!, `${path}.lora_a`, 1), whole(b!, `${path}.lora_b`, module.scale / scale)];
    return module.magnitude ? [...halves, copiedTensor(storedTensor(folder, module.magnitude), `${path}.m`)] : halves;
  });
  const layerOf = ({ name }: AdaptedModule) => Number(/\.(\d+)\./.exec(name)?.[1] ?? base.layers);
  const keys = modules.map((module) =>
    module.place === 'layer' ? module.name.replace(/^.*?\.\d+\./, '') : pathOf(module),
  );
  const config = {
    fine_tune_type: plan.kind === 'dora' ? 'dora' : 'lora',
    num_layers: base.layers - Math.min(...modules.map(layerOf)),
    lora_parameters: { rank: first.rank, scale, dropout: 0, keys: [...new Set(keys)] },
    ...(plan.baseModel !== null && { model: plan.baseModel }),
  };
  return { files: [safetensorsFile(MLX_WEIGHTS, tensors), jsonFile(ADAPTER_CONFIG, config)], notes: [] };
}

/** `factor` times a tensor, read at once: a transposed tensor needs all of its source for any part. */
function whole(tensor: ViewedTensor, name: string, factor: number): WrittenTensor {
  const { dtype, shape } = tensor;
  return madeTensor(name, dtype, shape, async (signal) => {
    const bytes = await tensor.read(0, tensorBytes(dtype, shape), signal);
    if (factor === 1) return bytes;
    return encodeFloats(
      decodeFloats(bytes, dtype, name).map((value) => value * factor),
      dtype,
      name,
    );
  });
}

async function mlxPaths({ architecture, model, plan }: AdapterSource): Promise<(module: AdaptedModule) => string> {
  const refuse = (what: string): never => {
    throw new UnsupportedError(
      plan.name,
      `${what}, which mlx-lm names otherwise`,
      'Export the adapter to peft, or merge it.',
    );
  };
  if (!FAMILIES.has(architecture.family)) refuse(`the base is of family "${architecture.family}"`);
  const config = await readJsonFile(model, 'config.json');
  const before = isJsonObject(config['text_config']) ? 'language_model.' : '';
  return ({ name, place, path }) => {
    if (DIVIDED.has(name.replace(/^.*?\.\d+\./, ''))) refuse(`the adapter changes "${path}"`);
    return place === 'head' ? `${before}lm_head` : `${before}model.${name}`;
  };
}
