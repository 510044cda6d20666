// What every export of an adapter starts from: the adapter in PEFT's form, checked against its base, with the tensors of each module
// that it adapts. A fused module stays one module, under the name that the base has for it.

import type { Folder } from '#lib/core/folder.ts';
import { readJsonFile, type JsonObject } from '#lib/formats/json/json-file.ts';
import { ADAPTER_CONFIG, readAdapterConfig } from '#lib/formats/model/adapter-config.ts';
import { modulePart, withoutPrefix, type ModuleParts } from '#lib/formats/model/adapter-module.ts';
import { ADAPTER_WEIGHTS, readAdapter, type AdapterPlan } from '#lib/formats/model/adapter.ts';
import { checkAdapter } from '#lib/formats/model/check-adapter.ts';
import { readSafetensorsHeader } from '#lib/formats/model/model-files.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import { adaptableBase, type ModelBase } from '../adaptable-base.ts';
import type { Architecture } from '../architecture.ts';
import { readArchitecture } from '../config.ts';
import { openAdapter } from '../sources/open-adapter.ts';
import { openModelFolder } from '../sources/open-model.ts';

export interface AdaptedModule {
  /** As the adapter has it, without `base_model.model.`. */
  path: string;
  /** `path` without what stands before the list of layers or the table. */
  name: string;
  place: 'layer' | 'embedding' | 'head';
  rank: number;
  scale: number;
  /** The embedding's A is [rank, vocab] and its B [hidden, rank]; all others are [rank, in] and [out, rank]. */
  a: TensorEntry;
  b: TensorEntry;
  magnitude: TensorEntry | null;
}

export interface AdapterSource {
  /** The model as a folder of Hugging Face. */
  model: Folder;
  architecture: Architecture;
  base: ModelBase;
  /** The adapter as a folder of PEFT. */
  folder: Folder;
  /** Whether it was written by PEFT, which names modules as transformers does. */
  isPeft: boolean;
  config: JsonObject;
  plan: AdapterPlan;
  modules: AdaptedModule[];
  /** All other tensors of the file: saved modules, biases, norms, rows of tokens, parts that text does not use. */
  others: TensorEntry[];
}

export interface ExportInput {
  model: Folder;
  adapter: Folder;
}

/** @throws FormatError, UnsupportedError, AdapterMismatchError where the adapter does not open on this model */
export async function openAdapterSource(input: ExportInput, signal?: AbortSignal): Promise<AdapterSource> {
  const model = await openModelFolder(input.model, signal);
  const architecture = await readArchitecture(model);
  const base = adaptableBase(architecture);
  const folder = await openAdapter(input.adapter, architecture, signal);
  const plan = await readAdapter(folder, base, signal);
  checkAdapter(plan, base);
  const config = await readJsonFile(folder, ADAPTER_CONFIG, 4 << 20);
  const settings = readAdapterConfig(config, `${folder.name}/${ADAPTER_CONFIG}`, base);
  const { tensors } = await readSafetensorsHeader(folder, ADAPTER_WEIGHTS, signal);
  const parts = new Map<string, ModuleParts>();
  const others: TensorEntry[] = [];
  // Parts that text does not use are named as other modules are, but the plan does not have them.
  const computed = new Set([
    ...plan.matrices.map(({ a }) => a.name),
    ...[plan.tables.embedding, plan.tables.head].map((table) => table?.a.name),
  ]);
  for (const tensor of tensors) {
    const part = modulePart(tensor.name.replace(PEFT_PREFIX, ''));
    if (part) parts.set(part.module, { ...parts.get(part.module), [part.slot]: tensor });
    else others.push(tensor);
  }
  const modules: AdaptedModule[] = [];
  for (const [path, { a, b, magnitude = null, base: stored }] of parts) {
    if (stored) others.push(stored);
    if (a && b && computed.has(a.name)) {
      const name = withoutPrefix(path);
      const isHead = name === base.head || name === base.headAlias;
      const place = name === base.embedding ? 'embedding' : isHead ? 'head' : 'layer';
      modules.push({ path, name, place, ...settings.settingsOf(path), a, b, magnitude });
    } else others.push(...[a, b, magnitude].filter((tensor) => tensor !== undefined && tensor !== null));
  }
  // A view of another format makes the config itself.
  const isPeft = (folder.origins?.(ADAPTER_CONFIG) ?? [ADAPTER_CONFIG]).join() === ADAPTER_CONFIG;
  return { model, architecture, base, folder, isPeft, config, plan, modules, others };
}

export const PEFT_PREFIX = /^base_model\.model\./;
