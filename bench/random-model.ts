// A llama-shaped model of random weights, generated while it is read; for measuring speed. Every byte is a function of the seed
// and its position, so any range can be read at memory speed.

import type { Folder } from '#lib/core/folder.ts';

export interface RandomShape {
  name: string;
  hidden: number;
  layers: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  ffn: number;
  vocab: number;
  context: number;
}

/** The shape of SmolLM2-135M. */
export const S135: RandomShape = {
  name: 's135',
  hidden: 576,
  layers: 30,
  heads: 9,
  kvHeads: 3,
  headDim: 64,
  ffn: 1536,
  vocab: 49152,
  context: 2048,
};

/** The shape of Llama 3.2 1B. */
export const B1: RandomShape = {
  name: '1b',
  hidden: 2048,
  layers: 16,
  heads: 32,
  kvHeads: 8,
  headDim: 64,
  ffn: 8192,
  vocab: 128256,
  context: 2048,
};

/** The shape of Llama 3.1 8B, with the head tied to the embedding. */
export const B8: RandomShape = {
  name: '8b',
  hidden: 4096,
  layers: 32,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  ffn: 14336,
  vocab: 128256,
  context: 2048,
};

/** The shape of the demo model. */
export const NANO: RandomShape = {
  name: 'nano',
  hidden: 256,
  layers: 6,
  heads: 8,
  kvHeads: 4,
  headDim: 32,
  ffn: 704,
  vocab: 2048,
  context: 1024,
};

interface Tensor {
  name: string;
  shape: number[];
  /** Norms are ones, matrices small noise. */
  ones: boolean;
}

export function createRandomModel(shape: RandomShape): Folder {
  return createRandomFolder(shape.name, 'model.safetensors', modelTensors(shape), {
    'config.json': {
      model_type: 'llama',
      hidden_size: shape.hidden,
      num_hidden_layers: shape.layers,
      num_attention_heads: shape.heads,
      num_key_value_heads: shape.kvHeads,
      head_dim: shape.headDim,
      intermediate_size: shape.ffn,
      vocab_size: shape.vocab,
      max_position_embeddings: shape.context,
      rms_norm_eps: 1e-5,
      tie_word_embeddings: true,
    },
  });
}

/** A PEFT adapter for every linear matrix of that model. */
/** `invocation`: token ids from which on it is applied. */
export function createRandomAdapter(shape: RandomShape, rank: number, seed: number, invocation?: number[]): Folder {
  const sizes = matrixSizes(shape);
  const tensors = Array.from({ length: shape.layers }, (_, layer) =>
    Object.entries(sizes).flatMap(([module, [out, input]]): Tensor[] => {
      const path = `base_model.model.model.layers.${layer}.${module}`;
      return [
        { name: `${path}.lora_A.weight`, shape: [rank, input], ones: false },
        { name: `${path}.lora_B.weight`, shape: [out, rank], ones: false },
      ];
    }),
  ).flat();
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    r: rank,
    lora_alpha: rank,
    target_modules: Object.keys(sizes).map((module) => module.split('.')[1]!),
    base_model_name_or_path: shape.name,
    seed,
    ...(invocation && { alora_invocation_tokens: invocation }),
  };
  return createRandomFolder(
    `adapter-${seed}`,
    'adapter_model.safetensors',
    tensors,
    { 'adapter_config.json': config },
    seed,
  );
}

function matrixSizes(s: RandomShape): Record<string, [out: number, input: number]> {
  const query = s.heads * s.headDim;
  const kv = s.kvHeads * s.headDim;
  return {
    'self_attn.q_proj': [query, s.hidden],
    'self_attn.k_proj': [kv, s.hidden],
    'self_attn.v_proj': [kv, s.hidden],
    'self_attn.o_proj': [s.hidden, query],
    'mlp.gate_proj': [s.ffn, s.hidden],
    'mlp.up_proj': [s.ffn, s.hidden],
    'mlp.down_proj': [s.hidden, s.ffn],
  };
}

function modelTensors(s: RandomShape): Tensor[] {
  const norm = (name: string): Tensor => ({ name, shape: [s.hidden], ones: true });
  const tensors: Tensor[] = [{ name: 'model.embed_tokens.weight', shape: [s.vocab, s.hidden], ones: false }];
  for (let layer = 0; layer < s.layers; layer++) {
    const path = `model.layers.${layer}`;
    for (const [module, shape] of Object.entries(matrixSizes(s))) {
      tensors.push({ name: `${path}.${module}.weight`, shape, ones: false });
    }
    tensors.push(norm(`${path}.input_layernorm.weight`), norm(`${path}.post_attention_layernorm.weight`));
  }
  return [...tensors, norm('model.norm.weight')];
}

/** One safetensors file of F16 tensors and some JSON files. */
function createRandomFolder(
  name: string,
  file: string,
  tensors: Tensor[],
  json: Record<string, object>,
  seed = 1,
): Folder {
  let next = 0;
  const places = tensors.map((tensor) => {
    const start = next;
    next += tensor.shape.reduce((a, b) => a * b, 2);
    return { ...tensor, start, end: next };
  });
  const header = Object.fromEntries(
    places.map(({ name: of, shape, start, end }) => [of, { dtype: 'F16', shape, data_offsets: [start, end] }]),
  );
  const text = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(8 + text.length);
  new DataView(head.buffer).setUint32(0, text.length, true);
  head.set(text, 8);
  const [ones, noise] = patterns();
  const texts = new Map(
    Object.entries(json).map(([path, value]) => [path, new TextEncoder().encode(JSON.stringify(value))]),
  );
  const bytesOf = (path: string, start: number, end: number): Uint8Array<ArrayBuffer> => {
    const small = texts.get(path);
    if (small) return small.slice(start, end);
    const out = new Uint8Array(end - start);
    out.set(head.subarray(start, Math.min(end, head.length)));
    for (let at = Math.max(start, head.length); at < end;) {
      const place = places.find((p) => p.end + head.length > at)!;
      const stop = Math.min(end, place.end + head.length);
      const part = out.subarray(at - start, stop - start);
      if (place.ones) fillWith(part, ones, 0);
      else fillWith(part, noise, at - head.length + 2 * SEED_STEP * seed);
      at = stop;
    }
    return out;
  };
  const sizeOf = (path: string) => texts.get(path)?.length ?? (path === file ? head.length + next : -1);
  return {
    name,
    has: (path) => Promise.resolve(sizeOf(path) >= 0),
    size: (path) => Promise.resolve(sizeOf(path)),
    read: (path, start, end) => Promise.resolve(bytesOf(path, start, end)),
  };
}

/** Length of the repeated noise: a prime, so that no two rows of a matrix are equal. */
const NOISE = 1_048_573;
/** Offset between the noise of two seeds. */
const SEED_STEP = 7919;

let made: readonly [ones: Uint8Array, noise: Uint8Array] | undefined;
const patterns = () =>
  (made ??= [
    new Uint8Array(new Uint16Array(NOISE).fill(0x3c00).buffer),
    new Uint8Array(Uint16Array.from({ length: NOISE }, (_, i) => smallHalf(i)).buffer),
  ]);

/** Fills `part` with a repeated `pattern` from byte `at` on. */
function fillWith(part: Uint8Array, pattern: Uint8Array, at: number): void {
  for (let done = 0; done < part.length;) {
    const from = (at + done) % pattern.length;
    const piece = pattern.subarray(from, from + part.length - done);
    part.set(piece, done);
    done += piece.length;
  }
}

/** An f16 of either sign with magnitude 2^-8 to 2^-5, from a hash of its position. */
function smallHalf(index: number): number {
  let h = Math.imul(index ^ 0x9e37_79b9, 0x85eb_ca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2_ae35);
  h ^= h >>> 16;
  const exponent = 7 + ((h >>> 16) % 3);
  return (h & 0x83ff) | (exponent << 10);
}
