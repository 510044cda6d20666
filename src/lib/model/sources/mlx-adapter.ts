// An adapter that MLX trained, as a PEFT folder: its halves are transposed and its scale is a number of its own.

import type { Folder } from '#lib/core/folder.ts';
import { FormatError, UnsupportedError } from '#lib/formats/errors.ts';
import { isJsonObject, readJsonFile } from '#lib/formats/json/json-file.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { readSafetensorsHeader } from '#lib/formats/model/model-files.ts';
import { createTensorView, storedTensor, type ViewedTensor } from '#lib/formats/model/tensor-view.ts';
import { transposed } from './transposed-tensor.ts';

export const MLX_WEIGHTS = 'adapters.safetensors';

const EMBEDDING = /(?:^|\.)embed_tokens$/;

export async function viewMlxAdapter(folder: Folder, signal?: AbortSignal): Promise<Folder> {
  const shown = `${folder.name}/${ADAPTER_CONFIG}`;
  const config = await readJsonFile(folder, ADAPTER_CONFIG, 4 << 20);
  const type = config['fine_tune_type'] ?? 'lora';
  if (type !== 'lora' && type !== 'dora') {
    throw new UnsupportedError(
      shown,
      `field "fine_tune_type" is ${JSON.stringify(type).slice(0, 40)}`,
      'Adapters of MLX of type "lora" and "dora" are read.',
    );
  }
  const parameters = config['lora_parameters'];
  const scale = isJsonObject(parameters) ? parameters['scale'] : undefined;
  if (typeof scale !== 'number' || !Number.isFinite(scale))
    throw new FormatError(shown, 'field "lora_parameters" has no number "scale"');
  const { tensors } = await readSafetensorsHeader(folder, MLX_WEIGHTS, signal);
  const ranks = new Map<string, number>();
  const viewed = tensors.map((entry): ViewedTensor => {
    const stored = storedTensor(folder, entry);
    const [, module, part] = /^(.+)\.(lora_a|lora_b|m)$/.exec(entry.name) ?? [];
    if (module === undefined || part === undefined) {
      throw new UnsupportedError(
        `${folder.name}/${MLX_WEIGHTS}`,
        `tensor "${entry.name}" is not part of a supported adapter`,
        'Read are lora_a, lora_b and m of decoder layers, embeddings and head.',
      );
    }
    const name = `base_model.model.${module}`;
    if (part === 'm') return { ...stored, name: `${name}.lora_magnitude_vector` };
    const turned = transposed(stored, `${folder.name}/${MLX_WEIGHTS}`);
    ranks.set(module, turned.shape[part === 'lora_a' ? 0 : 1]!);
    const letter = part === 'lora_a' ? 'A' : 'B';
    return {
      ...turned,
      name: EMBEDDING.test(module) ? `${name}.lora_embedding_${letter}` : `${name}.lora_${letter}.weight`,
    };
  });
  const [r = 1] = ranks.values();
  const others = [...ranks].filter(([, rank]) => rank !== r);
  const peft = {
    peft_type: 'LORA',
    use_dora: type === 'dora',
    r,
    lora_alpha: scale * r,
    rank_pattern: Object.fromEntries(others),
    alpha_pattern: Object.fromEntries(others.map(([module, rank]) => [module, scale * rank])),
  };
  return createTensorView(folder, {
    file: ADAPTER_WEIGHTS,
    tensors: viewed,
    texts: new Map([[ADAPTER_CONFIG, JSON.stringify(peft)]]),
    origins: [MLX_WEIGHTS, ADAPTER_CONFIG],
  });
}
