// What PEFT writes for one module of the base, LoRA or DoRA, as the matrices or the table that it adapts. It reads names and shapes;
// which tensors belong together is for the caller.

import type { AdaptableBase, AdaptableProjection } from './adaptable-base.ts';
import { ADAPTER_CONFIG, type AdapterConfig } from './adapter-config.ts';
import { AdapterMismatchError, FormatError, UnsupportedError } from '../errors.ts';
import type { TensorEntry } from './safetensors.ts';
import { fusedRows, sliceRows, takeRows, type TensorRows } from './slice-rows.ts';
import { unknownTensor } from './unknown-tensor.ts';

/** One adapted projection: W + scale · B · A, for DoRA with rows rescaled to `magnitude`. Those of one module have one A. */
export interface AdaptedMatrix {
  layer: number;
  target: AdaptableProjection;
  rank: number;
  scale: number;
  /** [rank, in] */
  a: TensorEntry;
  /** [out, rank] */
  b: TensorRows;
  /** [out]; DoRA only. */
  magnitude: TensorRows | null;
}

/** LoRA on the embedding or the head. The embedding's A is [rank, vocab] and its B [hidden, rank]: a row of A is looked up. */
export interface AdaptedTable {
  rank: number;
  scale: number;
  a: TensorEntry;
  b: TensorEntry;
  /** PEFT also writes the base's table; it must equal the base's. */
  base: TensorEntry | null;
}

/** The tensors of one module. */
export type ModuleParts = Partial<Record<'a' | 'b' | 'magnitude' | 'base', TensorEntry>>;

const LAYER_PREFIX = /^(?:model\.language_model\.|language_model\.model\.|model\.|transformer\.|gpt_neox\.)?/;
/**
 * Names that PEFT writes for one module. Embeddings have two names of their own, without `.weight`. Some tools keep the adapter's
 * name in the path.
 */
const PART =
  /^(.+)\.(lora_[AB](?:\.default)?\.weight|lora_embedding_[AB](?:\.default)?|lora_magnitude_vector(?:\.default)?(?:\.weight)?|base_layer\.weight)$/;

const ANY_PREFIX = /^(?:model\.language_model\.|language_model\.(?:model\.)?|model\.|transformer\.|gpt_neox\.)?/;

/** The path of a module or a tensor without what repositories and tools put before it. */
export const withoutPrefix = (path: string): string => path.replace(ANY_PREFIX, '');

/** The module and the part of it that a tensor at `path` is; null when PEFT writes none there. */
export function modulePart(path: string): { module: string; slot: keyof ModuleParts } | null {
  const [, module, name] = PART.exec(path) ?? [];
  return module === undefined ? null : { module, slot: slotOf(name!) };
}

function slotOf(name: string): keyof ModuleParts {
  if (name === 'base_layer.weight') return 'base';
  if (name.startsWith('lora_magnitude')) return 'magnitude';
  return /^lora_(?:embedding_)?A/.test(name) ? 'a' : 'b';
}

/** The projections in one module. Rows of B and magnitude are divided among them; they share A. */
export function readModule(
  config: AdapterConfig,
  base: AdaptableBase,
  path: string,
  parts: ModuleParts,
  file: string,
): AdaptedMatrix[] {
  const [, list, layer, module] = /^(\w+(?:\.\w+)?)\.(\d{1,4})\.(.+)$/.exec(path.replace(LAYER_PREFIX, '')) ?? [];
  const isAcross = path.replace(LAYER_PREFIX, '') === base.acrossLayers;
  const isThere = list === base.layerList && !base.absent?.has(`${Number(layer)}.${module}`);
  const modules = base.modulesByLayer?.[Number(layer)] ?? base.modules;
  const targets = isAcross ? base.modules.get(base.acrossLayers!) : isThere ? modules.get(module!) : undefined;
  if (!targets) {
    throw new UnsupportedError(
      file,
      `the adapter adapts module "${path}", which is not supported`,
      `Supported: ${[...base.modules.keys()].join(', ')} of decoder layers, ${base.embedding} and ${base.head}.`,
    );
  }
  const { a, b, magnitude = null, base: stored } = parts;
  if (stored) throw unknownTensor(file, stored.name);
  if (!a || !b) throw new FormatError(file, `module "${path}" has no tensor "lora_${a ? 'B' : 'A'}.weight"`);
  if (config.useDora !== (magnitude !== null)) {
    throw new FormatError(
      file,
      `module "${path}" ${magnitude ? 'has a' : 'has no'} "lora_magnitude_vector", but ${ADAPTER_CONFIG} says use_dora: ${config.useDora}`,
    );
  }
  const of = { layer: Number(layer), ...ranked(config, path, a, b, file), a };
  if (targets.length === 1 && !isAcross) return [{ ...of, target: targets[0]!, b, magnitude }];
  const rows = targets.reduce((sum, { output }) => sum + output, 0) * (isAcross ? base.layers : 1);
  for (const tensor of [b, magnitude]) {
    if (!tensor || tensor.shape[0] === rows) continue;
    throw new AdapterMismatchError(
      file,
      `tensor "${tensor.name}" has ${tensor.shape[0]} rows, the base model's ${module ?? base.acrossLayers} has ${rows}`,
    );
  }
  if (isAcross) {
    const [target] = targets as [AdaptableProjection];
    const share = (tensor: TensorEntry, i: number) => sliceRows(tensor, i * target.output, target.output);
    return Array.from({ length: base.layers }, (_, i) => {
      return { ...of, layer: i, target, b: share(b, i), magnitude: magnitude && share(magnitude, i) };
    });
  }
  const ranges = fusedRows(
    targets.map(({ output }) => output),
    base.fusedGroups,
  );
  return targets.map((target, i) => ({
    ...of,
    target,
    b: takeRows(b, ranges[i]!),
    magnitude: magnitude && takeRows(magnitude, ranges[i]!),
  }));
}

export function readTable(config: AdapterConfig, path: string, parts: ModuleParts, file: string): AdaptedTable {
  const { a, b, magnitude, base = null } = parts;
  if (magnitude) {
    throw new UnsupportedError(
      file,
      `tensor "${magnitude.name}" is a DoRA on the embedding or the head, which is not supported`,
      'Train those two with plain LoRA, or leave them out.',
    );
  }
  if (!a || !b) throw new FormatError(file, `module "${path}" has no LoRA tensor "${a ? 'B' : 'A'}"`);
  return { ...ranked(config, path, a, b, file), a, b, base };
}

function ranked(config: AdapterConfig, path: string, a: TensorEntry, b: TensorEntry, file: string) {
  const { rank, scale } = config.settingsOf(path);
  const [rows, columns] = [a.shape[0], b.shape[1]];
  if (a.shape.length !== 2 || b.shape.length !== 2 || rows !== rank || columns !== rank) {
    throw new FormatError(
      file,
      `module "${path}": lora_A [${a.shape.join(', ')}] and lora_B [${b.shape.join(', ')}] do not have the rank ${rank} that ${ADAPTER_CONFIG} gives it`,
      { hint: 'adapter_config.json and the weights belong to different adapters; fetch both again.' },
    );
  }
  return { rank, scale };
}
