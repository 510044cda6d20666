// An adapter as a folder of PEFT, from any form in which adapters open. Tensors keep their values and types; adapters of other tools
// get the names of modules in transformers.

import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { storedTensor } from '#lib/formats/model/tensor-view.ts';
import { isJsonObject, readJsonFile, type JsonObject } from '#lib/formats/json/json-file.ts';
import { openAdapterSource, type AdaptedModule, type AdapterSource, type ExportInput } from './adapter-source.ts';
import { jsonFile, type Export } from './exported-file.ts';
import { layersPrefix } from '../layers-prefix.ts';
import { modelCard } from './model-card.ts';
import { plainPeftConfig } from './plain-peft-config.ts';
import { copiedTensor, safetensorsFile } from './safetensors-export.ts';

export interface PeftExportInput extends ExportInput {
  /** What the files name as the base model, such as `owner/name`; by default what the adapter says. */
  baseName?: string | undefined;
}

export async function exportPeft(input: PeftExportInput, signal?: AbortSignal): Promise<Export> {
  const source = await openAdapterSource(input, signal);
  const { folder, modules, others, plan, isPeft } = source;
  const baseName = input.baseName ?? plan.baseModel;
  const pathOf = isPeft ? ({ path }: AdaptedModule) => path : await transformersPaths(source);
  const tensors = [
    ...modules.flatMap((module) => {
      const at = `base_model.model.${pathOf(module)}`;
      const isTable = module.place === 'embedding';
      const half = (letter: string) => `${at}.lora_${isTable ? `embedding_${letter}` : `${letter}.weight`}`;
      const halves = [
        copiedTensor(storedTensor(folder, module.a), half('A')),
        copiedTensor(storedTensor(folder, module.b), half('B')),
      ];
      const magnitude =
        module.magnitude && copiedTensor(storedTensor(folder, module.magnitude), `${at}.lora_magnitude_vector`);
      return magnitude ? [...halves, magnitude] : halves;
    }),
    ...others.map((tensor) => copiedTensor(storedTensor(folder, tensor))),
  ];
  const config = peftConfig(source, pathOf, baseName);
  return {
    files: [
      safetensorsFile(ADAPTER_WEIGHTS, tensors),
      jsonFile(ADAPTER_CONFIG, config),
      modelCard({ ...source, config }, baseName),
    ],
    notes: baseName === null ? ['The files name no base model; PEFT loads them only beside a model that is open.'] : [],
  };
}

/** Paths of modules in the classes of transformers, for adapters whose tool names them otherwise. */
async function transformersPaths({ model, base }: AdapterSource): Promise<(module: AdaptedModule) => string> {
  const before = layersPrefix(await readJsonFile(model, 'config.json'), base);
  return ({ name, place }) => (place === 'head' && base.layerList !== 'encoder.layers' ? name : `${before}${name}`);
}

function peftConfig(
  { base, config, modules, plan, isPeft }: AdapterSource,
  pathOf: (module: AdaptedModule) => string,
  baseName: string | null,
): JsonObject {
  const plain = plainPeftConfig(base.isTransposed, plan.kind);
  if (isPeft) return { ...plain, ...config, base_model_name_or_path: baseName, inference_mode: true };
  const renamed = new Map(modules.map((module) => [module.path, pathOf(module)]));
  const rename = (patterns: unknown) =>
    Object.fromEntries(
      Object.entries(isJsonObject(patterns) ? patterns : {}).map(([path, value]) => [renamed.get(path) ?? path, value]),
    );
  return {
    ...plain,
    ...config,
    base_model_name_or_path: baseName,
    rank_pattern: rename(config['rank_pattern']),
    alpha_pattern: rename(config['alpha_pattern']),
    target_modules: targetModules(modules, base.layers, pathOf),
  };
}

/** A module that every layer adapts is named once; any other by its whole path, since PEFT would adapt it in all layers. */
function targetModules(
  modules: readonly AdaptedModule[],
  layers: number,
  pathOf: (module: AdaptedModule) => string,
): string[] {
  const within = ({ name }: AdaptedModule) => /^.*?\.\d+\.(.+)$/.exec(name)?.[1] ?? name;
  const counts = new Map<string, number>();
  for (const module of modules) counts.set(within(module), (counts.get(within(module)) ?? 0) + 1);
  return [
    ...new Set(modules.map((module) => (counts.get(within(module)) === layers ? within(module) : pathOf(module)))),
  ];
}
