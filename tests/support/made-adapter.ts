// A llama of random weights of any width and depth, and LoRA adapters of any rank for it; for load tests that need large files.

import type { Folder } from '#lib/core/folder.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import { createRng } from '#lib/core/rng.ts';

export interface MadeModel {
  /** Of the residual stream and of the feed-forward. */
  width: number;
  layers: number;
  /** What the weights of the head are multiplied by: with 1, no token can get a probability near 1. */
  head?: number;
}

const VOCAB = 60;
const MODULES = [
  ...['q', 'k', 'v', 'o'].map((name) => `self_attn.${name}_proj`),
  ...['gate', 'up', 'down'].map((name) => `mlp.${name}_proj`),
];

export function madeModel({ width, layers, head = 1 }: MadeModel): Folder {
  const tensor = tensors(1, 1 / Math.sqrt(width));
  const ones = (name: string) => ({
    name,
    dtype: 'F32' as const,
    shape: [width],
    data: bytesOf(new Float32Array(width).fill(1)),
  });
  const config = {
    model_type: 'llama',
    hidden_size: width,
    intermediate_size: width,
    num_hidden_layers: layers,
    num_attention_heads: width / 16,
    num_key_value_heads: width / 16,
    vocab_size: VOCAB,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-6,
    hidden_act: 'silu',
    tie_word_embeddings: false,
  };
  const weights = encodeSafetensors([
    tensor('model.embed_tokens.weight', VOCAB, width),
    tensor('lm_head.weight', VOCAB, width, head),
    ones('model.norm.weight'),
    ...Array.from({ length: layers }, (_, layer) => `model.layers.${layer}.`).flatMap((layer) => [
      ones(`${layer}input_layernorm.weight`),
      ones(`${layer}post_attention_layernorm.weight`),
      ...MODULES.map((name) => tensor(`${layer}${name}.weight`, width, width)),
    ]),
  ]);
  return createMemoryFolder(
    'made',
    new Map<string, Uint8Array | string>([
      ['config.json', JSON.stringify(config)],
      ['model.safetensors', weights],
    ]),
  );
}

/** `seed` distinguishes adapters of one shape. */
export function madeAdapter({ width, layers }: MadeModel, rank: number, seed: number): Folder {
  const tensor = tensors(seed, 0.3 / Math.sqrt(rank));
  const weights = encodeSafetensors(
    Array.from({ length: layers }, (_, layer) => `base_model.model.model.layers.${layer}.`).flatMap((layer) =>
      MODULES.flatMap((name) => [
        tensor(`${layer}${name}.lora_A.weight`, rank, width),
        tensor(`${layer}${name}.lora_B.weight`, width, rank),
      ]),
    ),
  );
  const target_modules = MODULES.map((name) => name.split('.')[1]);
  const config = { peft_type: 'LORA', r: rank, lora_alpha: rank, bias: 'none', target_modules };
  return createMemoryFolder(
    `adapter-${seed}`,
    new Map<string, Uint8Array | string>([
      ['adapter_config.json', JSON.stringify(config)],
      ['adapter_model.safetensors', weights],
    ]),
  );
}

const bytesOf = (values: Float32Array<ArrayBuffer>) => new Uint8Array(values.buffer);

/** Uniform values of either sign, up to `scale`. */
function tensors(seed: number, scale: number) {
  const random = createRng(seed);
  return (name: string, rows: number, columns: number, factor = 1) => {
    const value = () => (random.below(2 ** 16) / 2 ** 15 - 1) * scale * factor;
    const values = Float32Array.from({ length: rows * columns }, value);
    return { name, dtype: 'F32' as const, shape: [rows, columns], data: bytesOf(values) };
  };
}
