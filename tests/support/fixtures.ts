// Reads the golden cases: tiny models of every family with their logits, adapters and greedy tokens.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Folder } from '#lib/core/folder.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';

const ROOT = fileURLToPath(new URL('../fixtures/', import.meta.url));

export const FAMILY_CASES = [
  'llama2',
  'llama3',
  'mistral',
  'qwen2',
  'qwen3',
  'qwen2_moe',
  'qwen3_moe',
  'deepseek_v2',
  'deepseek_v3',
  'gemma',
  'gemma2',
  'gemma3',
  'gemma4',
  'gemma4_dense',
  'phi3',
  'granite',
  'smollm3',
  'lfm2',
  'glm',
  'glm4',
  'chatglm',
  'olmo2',
  'ministral3',
  'gpt2',
  'gpt_neo',
  'gpt_neox',
  'phi',
  'bloom',
  'falcon7b',
  'falcon40b',
  'falcon11b',
  'falconrw',
] as const;

export const TOKENIZER_CASES = readdirSync(join(ROOT, 'tokenizers')).sort();

/** expected.json of a case. Keys of the records are `base` and the names in `adapters`. */
export interface Expected {
  family: string;
  model_type: string;
  ids: number[];
  labels: number[];
  vocab: number;
  greedy: Record<string, number[]>;
  /** Smallest top-1 minus top-2 over the largest logit: below the logit bound a near tie may fall either way. */
  margin: Record<string, number>;
  loss: Record<string, number>;
  adapters: string[];
}

export interface TokenizerCase {
  text: string;
  ids: number[];
  decoded: string;
}

export const modelPath = (name: string): string => join(ROOT, 'models', name);

export const adapterPath = (name: string, adapter: string): string => join(modelPath(name), adapter);

export const tokenizerPath = (name: string): string => join(ROOT, 'tokenizers', name);

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows the file's shape
export const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

export const readExpected = (name: string): Expected => readJson<Expected>(join(modelPath(name), 'expected.json'));

/** Logits [tokens, vocab] of the base model (`base`) or of one adapter. */
export const readLogits = (name: string, run = 'base'): Float32Array<ArrayBuffer> =>
  readFloats(join(modelPath(name), `logits.${run}.f32`));

export function readFloats(path: string): Float32Array<ArrayBuffer> {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

export const readTokenizerCases = (name: string): TokenizerCase[] => readJson(join(tokenizerPath(name), 'cases.json'));

/** A directory as a `Folder`, read into memory at once. `changes` replaces files; null removes one. */
export function openFixture(path: string, changes: Record<string, Uint8Array | string | null> = {}): Folder {
  const files = new Map<string, Uint8Array | string>();
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    const file = join(path, name);
    if (statSync(file).isFile())
      files.set(relative(path, file).split(sep).join('/'), new Uint8Array(readFileSync(file)));
  }
  for (const [name, content] of Object.entries(changes)) {
    if (content === null) files.delete(name);
    else files.set(name, content);
  }
  return createMemoryFolder(path.split(sep).at(-1) ?? path, files);
}
