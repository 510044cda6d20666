// A base with an adapter merged into it, as a folder of Hugging Face. Tensors are made one after the other from ranges of the base's
// files; configuration and tokenizer are copied.

import { UnsupportedError } from '#lib/formats/errors.ts';
import { parseExactJson, type Plain } from '#lib/formats/json/exact-json.ts';
import { readTextFile } from '#lib/formats/json/json-file.ts';
import { writeExactJson } from '#lib/formats/json/write-exact-json.ts';
import { TEXTS_OF_MODEL } from '#lib/formats/model/files-of-model.ts';
import { INDEX, SINGLE } from '#lib/formats/model/model-files.ts';
import { openTensors, type OpenTensors } from '#lib/formats/model/open-tensors.ts';
import type { TensorDtype, TensorEntry } from '#lib/formats/model/safetensors.ts';
import { dropEqualHead } from '../drop-equal-head.ts';
import { familyOf } from '../families/families.ts';
import { resolveTensors, type ModelTensors } from '../families/resolve-tensors.ts';
import { openAdapterSource, type AdapterSource, type ExportInput } from './adapter-source.ts';
import { copiedFile, jsonFile, textFile, type Export, type ExportedFile } from './exported-file.ts';
import { layerChanges, tableChange, tokenChange } from './merge-changes.ts';
import { mergedTensor, type Change, type TensorOrigin } from './merged-tensor.ts';
import { safetensorsFile, sizeOf, type WrittenTensor } from './safetensors-export.ts';

export interface MergedExportInput extends ExportInput {
  /** Of floats; null keeps the type that each has in the base. Default F16. */
  dtype?: 'F16' | 'BF16' | 'F32' | null;
  /** A file of weights ends before it grows beyond this. Default 5 GB. */
  maxFileBytes?: number;
}

const MAX_CONFIG = 16 << 20;
const DTYPE_NAMES: Partial<Record<TensorDtype, string>> = {
  F16: 'float16',
  BF16: 'bfloat16',
  F32: 'float32',
  F64: 'float64',
};

export async function exportMerged(input: MergedExportInput, signal?: AbortSignal): Promise<Export> {
  const source = await openAdapterSource(input, signal);
  const { plan, model, architecture } = source;
  if (plan.invocation) {
    throw new UnsupportedError(
      plan.name,
      'the adapter begins at its invocation tokens (aLoRA), and merged weights apply to all tokens',
      'Export the adapter to peft instead.',
    );
  }
  const { dtype = 'F16', maxFileBytes = 5e9 } = input;
  const opened = await openTensors(model, signal);
  const resolved = resolveTensors(architecture, opened.index, model.name);
  const tensors = await dropEqualHead(opened.folder, architecture, resolved, signal);
  const changes = layerChanges(source, opened.index);
  const tables = mergedTables(source, opened, tensors, dtype);
  const replaced = new Set([
    tensors.embedding.name,
    resolved.head?.name,
    tensors.head?.name,
    ...tables.tensors.map(({ name }) => name),
  ]);
  const written = [
    ...tables.tensors,
    ...[...opened.index.values()]
      .filter(({ name }) => !replaced.has(name))
      .map((entry) => mergedTensor(entry.name, { folder: opened.folder, entry }, changes.get(entry.name) ?? [], dtype)),
  ];
  const config = mergedConfig(
    parseExactJson(await readTextFile(model, 'config.json', MAX_CONFIG), `${model.name}/config.json`),
    dtype ?? tensors.embedding.dtype,
    tables.isUntied,
  );
  const files = [textFile('config.json', `${writeExactJson(config)}\n`), ...(await copiedTexts(source))];
  const skipped = plan.skipped.map(
    (part) => `The adapter's part for "${part}" is not merged: only text is computed here.`,
  );
  const untied = tables.isUntied
    ? [
        'The adapter changes one of two tables that the base ties; the merged model has both, with "tie_word_embeddings": false.',
      ]
    : [];
  return { files: [...files, ...weightFiles(written, maxFileBytes)], notes: [...untied, ...skipped] };
}

interface MergedTables {
  tensors: WrittenTensor[];
  /** The base ties its tables, and the merged model does not. */
  isUntied: boolean;
}

/** Embedding and head. As in PEFT a change of the embedding reaches a tied head only where the adapter says so, or by single tokens. */
function mergedTables(
  { plan, modules, folder, architecture }: AdapterSource,
  opened: OpenTensors,
  { embedding, head, finalNorm }: ModelTensors,
  dtype: (MergedExportInput['dtype'] & {}) | null,
): MergedTables {
  const names = familyOf(architecture.family)!.names(architecture);
  const prefix = finalNorm.name.slice(0, -`${names.finalNorm}.weight`.length);
  const ofBase = (entry: TensorEntry): TensorOrigin => ({ folder: opened.folder, entry });
  const changesOf = (place: 'embedding' | 'head'): Change[] => {
    const tokens = plan.tokens[place];
    const lora = modules.find((module) => module.place === place);
    return [...(lora ? [tableChange(folder, lora)] : []), ...(tokens ? [tokenChange(folder, tokens)] : [])];
  };
  const origin = (place: 'embedding' | 'head', stored: TensorEntry): TensorOrigin => {
    const saved = plan.saved[place];
    return saved ? { folder, entry: saved } : ofBase(stored);
  };
  const change = { embedding: changesOf('embedding'), head: changesOf('head') };
  const changesHead = plan.saved.head !== null || change.head.length > 0;
  const changesTied = plan.saved.embedding !== null || plan.tables.embedding !== null;
  const followsEmbedding = (plan.tiesTables && plan.saved.embedding !== null) || !changesTied;
  const isUntied = head === null && (changesHead || !followsEmbedding);
  const written = [
    mergedTensor(`${prefix}${names.embedding}.weight`, origin('embedding', embedding), change.embedding, dtype),
  ];
  if (head || isUntied) {
    // Tokens of a tied embedding are those of the head.
    const ofTokens = head === null && plan.tokens.embedding && !plan.tokens.head ? change.embedding : [];
    const name = head?.name ?? `${names.head}.weight`;
    written.push(mergedTensor(name, origin('head', head ?? embedding), [...ofTokens, ...change.head], dtype));
  }
  return { tensors: written, isUntied };
}

/** The base's config with what merging changes: the type of the weights, whether tables are tied, and no quantisation. */
function mergedConfig(config: Plain, dtype: TensorDtype, isUntied: boolean): Plain {
  if (config === null || typeof config !== 'object' || Array.isArray(config)) return config;
  const entries =
    config instanceof Map
      ? [...(config as ReadonlyMap<string, Plain>)]
      : Object.entries(config as Record<string, Plain>);
  const fields = new Map<string, Plain>(entries);
  const field = fields.has('dtype') ? 'dtype' : 'torch_dtype';
  fields.set(field, DTYPE_NAMES[dtype] ?? null);
  fields.delete('quantization_config');
  const nested = fields.get('text_config');
  if (nested !== undefined) fields.set('text_config', mergedConfig(nested, dtype, isUntied));
  if (isUntied) fields.set('tie_word_embeddings', false);
  return fields;
}

async function copiedTexts({ model }: AdapterSource): Promise<ExportedFile[]> {
  const files: ExportedFile[] = [];
  for (const path of TEXTS_OF_MODEL) if (await model.has(path)) files.push(await copiedFile(model, path));
  return files;
}

/** One file, or several with an index, as transformers names them. */
function weightFiles(tensors: readonly WrittenTensor[], maxFileBytes: number): ExportedFile[] {
  const groups: WrittenTensor[][] = [[]];
  let bytes = 0;
  for (const tensor of tensors) {
    if (bytes > 0 && bytes + sizeOf(tensor) > maxFileBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(tensor);
    bytes += sizeOf(tensor);
  }
  if (groups.length === 1) return [safetensorsFile(SINGLE, tensors)];
  const digits = (number: number) => String(number).padStart(5, '0');
  const named = groups.map((group, i) => ({
    path: `model-${digits(i + 1)}-of-${digits(groups.length)}.safetensors`,
    group,
  }));
  return [
    ...named.map(({ path, group }) => safetensorsFile(path, group)),
    jsonFile(INDEX, {
      metadata: { total_size: tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0) },
      weight_map: Object.fromEntries(named.flatMap(({ path, group }) => group.map(({ name }) => [name, path]))),
    }),
  ];
}
