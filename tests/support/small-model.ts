// A model of six thousand weights, and variants of its folder: other fields, other tensors, more files, with the results of
// transformers and PEFT for them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Folder } from '#lib/core/folder.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { encodeSafetensors, parseSafetensors, type TensorDtype } from '#lib/formats/model/safetensors.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { Engine, LoadRequest } from '#lib/engine/engine.ts';
import { readJson } from './fixtures.ts';
import { testHost } from './host.ts';

export const SMALL_ROOT = fileURLToPath(new URL('../fixtures/small/', import.meta.url));

export interface StoredTensor {
  dtype: TensorDtype;
  shape: number[];
  data: Uint8Array<ArrayBuffer>;
}

export type Tensors = Map<string, StoredTensor>;

export interface SmallModel {
  config?: object | undefined;
  /** Null: there is no generation_config.json. */
  generation?: string | null | undefined;
  change?: ((tensors: Tensors) => void) | undefined;
  /** Replace or join the others; null takes one away. */
  files?: Record<string, Uint8Array | string | null> | undefined;
}

export const readSmall = (name: string): unknown => readJson<unknown>(join(SMALL_ROOT, name));

export function smallTensors(file = 'model.safetensors'): Tensors {
  const bytes = new Uint8Array(readFileSync(join(SMALL_ROOT, file)));
  const { tensors } = parseSafetensors(bytes, bytes.length, file);
  return new Map(
    tensors.map(({ name, dtype, shape, start, end }) => [name, { dtype, shape, data: bytes.slice(start, end) }]),
  );
}

export const encodeTensors = (tensors: Tensors): Uint8Array<ArrayBuffer> =>
  encodeSafetensors([...tensors].map(([name, tensor]) => ({ name, ...tensor })));

export function smallModel({ config = {}, generation = null, change, files = {} }: SmallModel = {}): Folder {
  const tensors = smallTensors();
  change?.(tensors);
  const all: [string, Uint8Array | string | null][] = [
    ['config.json', JSON.stringify({ ...(readSmall('config.json') as object), ...config })],
    ['model.safetensors', encodeTensors(tensors)],
    ['generation_config.json', generation],
    ...Object.entries(files),
  ];
  const kept = [...new Map(all)].flatMap(([name, content]) => (content === null ? [] : [[name, content] as const]));
  return createMemoryFolder('small', new Map(kept));
}

/** The same weights in the form of families that fuse q, k, v into one matrix and gate, up into another. */
export function fuse(tensors: Tensors): void {
  const fusions = [
    ['self_attn.qkv_proj', ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj']],
    ['mlp.gate_up_proj', ['mlp.gate_proj', 'mlp.up_proj']],
  ] as const;
  for (const layer of [0, 1]) {
    for (const [fused, names] of fusions) {
      const keys = names.map((name) => `model.layers.${layer}.${name}.weight`);
      const parts = keys.map((key) => tensors.get(key)!);
      const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
      const data = Uint8Array.from(parts.flatMap((part) => [...part.data]));
      for (const key of keys) tensors.delete(key);
      const [{ dtype, shape }] = parts as [StoredTensor];
      tensors.set(`model.layers.${layer}.${fused}.weight`, { dtype, shape: [rows, shape[1]!], data });
    }
  }
}

/** The bases of the small adapters. */
export const smallBases = {
  plain: () => smallModel({ generation: '{}' }),
  bias: () =>
    smallModel({
      generation: '{}',
      config: { attention_bias: true, mlp_bias: true },
      change: (tensors) => {
        for (const [name, tensor] of smallTensors('biases.safetensors')) tensors.set(name, tensor);
      },
    }),
  tied: () =>
    smallModel({
      generation: '{}',
      config: { tie_word_embeddings: true },
      change: (tensors) => void tensors.delete('lm_head.weight'),
    }),
  fused: () =>
    smallModel({
      generation: '{}',
      config: { model_type: 'phi3', partial_rotary_factor: 0.5 },
      change: fuse,
    }),
};

/** An engine with the model in `folder`, or the error of loading it. Adapters are opened by name. */
export async function smallEngine(
  folder: Folder,
  {
    gpu = null,
    adapters = {},
    now,
    ...request
  }: Partial<LoadRequest> & { gpu?: GPU | null; adapters?: Record<string, Folder>; now?: () => number } = {},
): Promise<Engine> {
  const openFolder: ReturnType<typeof testHost>['openFolder'] = (ref) =>
    (ref.kind === 'directory' ? adapters[ref.path] : undefined) ?? folder;
  const engine = createEngine({ ...testHost(gpu), openFolder, ...(now && { now }) });
  try {
    await loadSmall(engine, request);
    return engine;
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

/** Loads what the engine's host opens. */
export async function loadSmall(engine: Engine, request: Partial<LoadRequest> = {}): Promise<void> {
  const load = {
    model: { kind: 'directory', path: '.' },
    dtype: 'f32',
    maxSequences: 4,
    adapterPoolBytes: 1 << 20,
  } as const;
  let isReady = false;
  for await (const event of engine.load({ ...load, ...request })) isReady ||= event.type === 'ready';
  if (!isReady) throw new Error('load ended without a model');
}
