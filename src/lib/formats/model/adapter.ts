// Reads a PEFT adapter folder into a checked plan: the adapted matrices, their rank and scale, and where their bytes are. Callers
// supply the base model's module names. Reads no tensor data; refuses by name what is not computed.

import type { Folder } from '#lib/core/folder.ts';
import { ADAPTER_CONFIG, readAdapterConfig, type AdapterConfig } from './adapter-config.ts';
import {
  modulePart,
  readModule,
  readTable,
  withoutPrefix,
  type AdaptedMatrix,
  type AdaptedTable,
  type ModuleParts,
} from './adapter-module.ts';
import type { AdaptableBase } from './adaptable-base.ts';
import { FileMissingError, FormatError, UnsupportedError } from '../errors.ts';
import { readJsonFile } from '../json/json-file.ts';
import { readSafetensorsHeader } from './model-files.ts';
import type { TensorEntry } from './safetensors.ts';
import { unknownTensor } from './unknown-tensor.ts';

/** A norm or a bias of the decoder that was trained with the adapter. */
export interface AdaptedVector {
  /** As the base names it, without a prefix: `layers.0.self_attn.q_proj.bias`, `norm.weight`. */
  name: string;
  tensor: TensorEntry;
  /** Null: it replaces the base's vector. Otherwise it is multiplied by this and added to the module's output. */
  added: number | null;
}

/** Rows of a table that the adapter replaces. */
export interface AdaptedTokens {
  ids: number[];
  /** [ids, hidden] */
  rows: TensorEntry;
}

export interface AdapterPlan {
  name: string;
  kind: 'lora' | 'rslora' | 'dora';
  /** Sorted by layer, then target. */
  matrices: AdaptedMatrix[];
  /** Whole matrices that replace those of the base. */
  saved: { embedding: TensorEntry | null; head: TensorEntry | null };
  tables: { embedding: AdaptedTable | null; head: AdaptedTable | null };
  /** Where the base ties its tables, changes of the embedding apply to the head, too. */
  tiesTables: boolean;
  tokens: { embedding: AdaptedTokens | null; head: AdaptedTokens | null };
  vectors: AdaptedVector[];
  /** Tokens from whose last occurrence in a prompt on the adapter is applied (aLoRA); null: to all tokens. */
  invocation: number[] | null;
  /** Parts of the adapter for images or audio, which text does not use; not applied. */
  skipped: string[];
  /** Highest rank. */
  rank: number;
  /** Names, in the order of their numbers. */
  targets: string[];
  /** Bytes of all tensors as stored. */
  bytes: number;
  /** Name of the base model it was trained on, as stated; shown, not checked. */
  baseModel: string | null;
}

export const ADAPTER_WEIGHTS = 'adapter_model.safetensors';

const TOKENS = /^(.+)\.token_adapter\.trainable_tokens_delta(?:\.default)?$/;
const VECTOR =
  /^(?:model\.language_model\.|language_model\.model\.|model\.|transformer\.|gpt_neox\.)?([\w.]+?)(\.base_layer|\.lora_B(?:\.default)?)?\.(weight|bias)$/;
/** Modules that text does not use. */
const NOT_TEXT = /(?:^|\.)((?:vision|visual|image|audio|multi_modal|mm|embed_vision|embed_audio)\w*)\./;
const FLOATS = new Set(['F32', 'F16', 'BF16', 'F64']);

/** `base` names the modules that an adapter may change; `checkAdapter` compares shapes. */
export async function readAdapter(folder: Folder, base: AdaptableBase, signal?: AbortSignal): Promise<AdapterPlan> {
  if (!(await folder.has(ADAPTER_CONFIG))) {
    throw new FileMissingError(
      folder.name,
      ADAPTER_CONFIG,
      'An adapter is a PEFT folder with this file and adapter_model.safetensors.',
    );
  }
  if (!(await folder.has(ADAPTER_WEIGHTS))) {
    throw new FileMissingError(folder.name, ADAPTER_WEIGHTS, 'Fetch the adapter again, with all its files.');
  }
  const config = await readJsonFile(folder, ADAPTER_CONFIG, 4 << 20);
  const { tensors } = await readSafetensorsHeader(folder, ADAPTER_WEIGHTS, signal);
  return planAdapter(readAdapterConfig(config, `${folder.name}/${ADAPTER_CONFIG}`, base), tensors, folder.name, base);
}

/** The plan for tensors under a config: the tensors in the file decide what is adapted. */
export function planAdapter(
  config: AdapterConfig,
  tensors: readonly TensorEntry[],
  name: string,
  base: AdaptableBase,
): AdapterPlan {
  const file = `${name}/${ADAPTER_WEIGHTS}`;
  const modules = new Map<string, ModuleParts>();
  const saved: AdapterPlan['saved'] = { embedding: null, head: null };
  const tokens: AdapterPlan['tokens'] = { embedding: null, head: null };
  const vectors: AdaptedVector[] = [];
  const skipped = new Set<string>();
  for (const tensor of tensors) {
    const path = /^base_model\.model\.(?!base_model\.)(.+)$/.exec(tensor.name)?.[1];
    if (path === undefined) throw unknownTensor(file, tensor.name);
    const notText = NOT_TEXT.exec(path)?.[1];
    if (notText !== undefined) {
      skipped.add(notText);
      continue;
    }
    if (!FLOATS.has(tensor.dtype)) {
      throw new UnsupportedError(
        file,
        `tensor "${tensor.name}" has dtype ${tensor.dtype}`,
        'Save the adapter as F32, F16 or BF16.',
      );
    }
    const part = modulePart(path);
    const ofTokens = TOKENS.exec(path)?.[1];
    const vector = tensor.shape.length === 1 ? VECTOR.exec(path) : null;
    if (ofTokens !== undefined) {
      const place = tableAt(base, ofTokens);
      if (!place || tokens[place]) throw unknownTensor(file, tensor.name);
      tokens[place] = readTokenRows(config.tokens[place], tensor, file);
    } else if (vector && !part) {
      vectors.push(readVector(config, tensor, vector, path, file));
    } else if (part) {
      const module = modules.get(part.module) ?? {};
      const before = module[part.slot];
      if (before) throw new FormatError(file, `tensor "${tensor.name}" repeats ${before.name}`);
      module[part.slot] = tensor;
      modules.set(part.module, module);
    } else {
      const slot = savedTable(base, path);
      if (!slot || saved[slot]) throw unknownTensor(file, tensor.name);
      saved[slot] = tensor;
    }
  }
  const tables: AdapterPlan['tables'] = { embedding: null, head: null };
  const matrices: AdaptedMatrix[] = [];
  for (const [path, parts] of modules) {
    const table = tableAt(base, path);
    if (table) tables[table] = readTable(config, path, parts, file);
    else matrices.push(...readModule(config, base, path, parts, file));
  }
  for (const place of ['embedding', 'head'] as const) {
    if (!tables[place] || !saved[place]) continue;
    throw new FormatError(file, `tensors "${tables[place].a.name}" and "${saved[place].name}" change the same table`);
  }
  matrices.sort((x, y) => x.layer - y.layer || x.target.index - y.target.index);
  matrices.forEach((matrix, i) => {
    const before = matrices[i - 1];
    if (before?.layer === matrix.layer && before.target.index === matrix.target.index) {
      throw new FormatError(file, `tensors "${before.a.name}" and "${matrix.a.name}" adapt the same matrix`);
    }
  });
  for (const module of config.saved) {
    if (!tensors.some(({ name }) => name.includes(`${module}.`))) {
      throw new FormatError(file, `"modules_to_save" names ${module}, but the file holds no tensor "${module}.weight"`);
    }
  }
  for (const place of ['embedding', 'head'] as const) {
    if (config.tokens[place].length > 0 && !tokens[place])
      throw new FormatError(
        file,
        `"trainable_token_indices" names tokens of the ${place}, but the file holds no rows for them`,
      );
    if (tokens[place] && (saved[place] || tables[place]))
      throw new UnsupportedError(
        file,
        `tensor "${tokens[place].rows.name}" changes a table that the adapter changes otherwise, too`,
        'Train either tokens or the whole table.',
      );
  }
  const adapted = [tables.embedding, tables.head].filter((table) => table !== null);
  const others = [saved.embedding, saved.head, tokens.embedding, tokens.head, ...vectors].filter((of) => of !== null);
  if (matrices.length + adapted.length + others.length === 0) {
    const only = [...skipped].join(', ');
    throw new FormatError(
      file,
      `the file holds no adapter tensor${only && ` for text, only for ${only}`}`,
      only === '' ? {} : { hint: 'Only text models are computed here; this adapter changes nothing for text.' },
    );
  }
  const unlimited = config.invocation && findUnlimited({ saved, tables, tokens, vectors });
  if (unlimited) {
    throw new UnsupportedError(
      file,
      `tensor "${unlimited.name}" changes tokens before the invocation, which "alora_invocation_tokens" excludes`,
      'Train matrices of linear layers only: no saved modules, tokens, embeddings or biases of the base.',
    );
  }
  return {
    name,
    kind: config.useDora ? 'dora' : config.useRslora ? 'rslora' : 'lora',
    matrices,
    saved,
    tables,
    tiesTables: config.tiesTables,
    tokens,
    vectors,
    invocation: config.invocation,
    skipped: [...skipped],
    rank: Math.max(0, ...[...matrices, ...adapted].map(({ rank }) => rank)),
    targets: namesOf(matrices),
    bytes: tensors.reduce((sum, { start, end }) => sum + end - start, 0),
    baseModel: config.baseModel,
  };
}

/** The first tensor that PEFT applies to all tokens. A bias of `lora_B` is applied with its matrix. */
function findUnlimited({
  saved,
  tables,
  tokens,
  vectors,
}: Pick<AdapterPlan, 'saved' | 'tables' | 'tokens' | 'vectors'>) {
  const vector = vectors.find(({ added }) => added === null)?.tensor;
  return saved.embedding ?? saved.head ?? tables.embedding?.a ?? tokens.embedding?.rows ?? tokens.head?.rows ?? vector;
}

/** Which token table is at a path, or null. */
function tableAt({ embedding, head, headAlias }: AdaptableBase, path: string): 'embedding' | 'head' | null {
  const name = withoutPrefix(path);
  return name === embedding ? 'embedding' : name === head || name === headAlias ? 'head' : null;
}

/** Which table a tensor at a path replaces, or null. */
function savedTable({ embedding, head, headAlias }: AdaptableBase, path: string): 'embedding' | 'head' | null {
  const is = (table: string | undefined) => table !== undefined && `.${path}`.endsWith(`.${table}.weight`);
  return is(head) || is(headAlias) ? 'head' : is(embedding) ? 'embedding' : null;
}

/** Names of the adapted projections, each once. */
function namesOf(matrices: readonly AdaptedMatrix[]): string[] {
  const all = matrices.map(({ target }) => target).sort((x, y) => x.index - y.index);
  return [...new Set(all.map(({ name }) => name))];
}

function readTokenRows(ids: number[], rows: TensorEntry, file: string): AdaptedTokens {
  if (rows.shape.length === 2 && rows.shape[0] === ids.length) return { ids, rows };
  throw new FormatError(
    file,
    `tensor "${rows.name}" has shape [${rows.shape.join(', ')}], but "trainable_token_indices" of ${ADAPTER_CONFIG} names ${ids.length} tokens for it`,
  );
}

function readVector(
  config: AdapterConfig,
  tensor: TensorEntry,
  [, module, inner, kind]: RegExpExecArray,
  path: string,
  file: string,
): AdaptedVector {
  const isAdded = inner?.startsWith('.lora_B') === true;
  if (isAdded && !config.loraBias)
    throw new FormatError(
      file,
      `tensor "${tensor.name}" is a bias, but ${ADAPTER_CONFIG} does not say lora_bias: true`,
    );
  if ((kind === 'weight' && inner !== undefined) || (config.useDora && kind === 'bias')) {
    throw new UnsupportedError(
      file,
      `tensor "${tensor.name}" is not supported`,
      'Train a DoRA adapter with bias "none".',
    );
  }
  const owner = path.slice(0, path.length - `${inner ?? ''}.${kind}`.length);
  return { name: `${module}.${kind}`, tensor, added: isAdded ? config.settingsOf(owner).scale : null };
}
