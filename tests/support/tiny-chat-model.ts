// A LLaMA of some ten thousand random weights that can chat, as files of a Hugging Face folder: the same in Node and in a browser. It
// knows ASCII only, so that no answer ends within a character.

import { createRng } from '#lib/core/rng.ts';
import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import type { Prompt } from '#lib/model/chat-message.ts';

const SPECIALS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];
const LETTERS = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at));
// As byte-level BPE writes a space and the end of a line.
const VOCAB = [...SPECIALS, ...LETTERS, 'Ġ', 'Ċ'];
const [HIDDEN, FFN, LAYERS, HEADS, KV_HEADS, HEAD] = [32, 64, 2, 4, 2, 8];

export const TINY_QUESTION: Prompt = { messages: [{ role: 'user', content: 'Name three rare birds.' }] };
/** Its answer has 44 tokens on each runtime. That to the other question ends after 14 where keys are kept in half precision. */
export const TINY_LONG_QUESTION: Prompt = { messages: [{ role: 'user', content: 'Sing.' }] };
/** The first 12 tokens of the answer to the first question, greedily. */
export const TINY_ANSWER = '~7[WR_a=uhb,';

/** The same with adapters 1, 2 and both of `tinyAdapter`, at these weights. */
export const TINY_ADAPTED: readonly { weights: Readonly<Record<number, number>>; text: string }[] = [
  { weights: { 1: 1 }, text: '/q(-a,=lLk*' },
  { weights: { 2: 0.5 }, text: '~hS^' },
  { weights: { 1: 0.7, 2: 0.3 }, text: '-k7uOS^UES-,' },
];

const config = {
  model_type: 'llama',
  vocab_size: VOCAB.length,
  hidden_size: HIDDEN,
  intermediate_size: FFN,
  num_hidden_layers: LAYERS,
  num_attention_heads: HEADS,
  num_key_value_heads: KV_HEADS,
  head_dim: HEAD,
  max_position_embeddings: 256,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: false,
  bos_token_id: null,
  eos_token_id: 2,
};

const tokenizer = {
  version: '1.0',
  added_tokens: SPECIALS.map((content, id) => ({
    ...{ id, content, special: true, normalized: false },
    ...{ single_word: false, lstrip: false, rstrip: false },
  })),
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    ...{ type: 'BPE', dropout: null, unk_token: null, fuse_unk: false, byte_fallback: false },
    vocab: Object.fromEntries(VOCAB.map((token, id) => [token, id])),
    merges: [],
  },
};

const settings = {
  eos_token: SPECIALS[2],
  chat_template:
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}" +
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
};

/** A PEFT folder with LoRA on every projection, of a rank and an alpha of its own for one of them. */
export function tinyAdapter(seed: number): { path: string; file: Blob }[] {
  const rng = createRng(100 + seed);
  const shapes: Record<string, [number, number]> = {
    'self_attn.q_proj': [HEADS * HEAD, HIDDEN],
    'self_attn.k_proj': [KV_HEADS * HEAD, HIDDEN],
    'self_attn.v_proj': [KV_HEADS * HEAD, HIDDEN],
    'self_attn.o_proj': [HIDDEN, HEADS * HEAD],
    'mlp.gate_proj': [FFN, HIDDEN],
    'mlp.up_proj': [FFN, HIDDEN],
    'mlp.down_proj': [HIDDEN, FFN],
  };
  const half = (name: string, shape: [number, number]) => {
    const values = Float32Array.from({ length: shape[0] * shape[1] }, () => 0.5 * (2 * rng.uniform() - 1));
    return { name, dtype: 'F32' as const, shape, data: new Uint8Array(values.buffer) };
  };
  const weights = Array.from({ length: LAYERS }, (_, layer) =>
    Object.entries(shapes).flatMap(([module, [out, inner]]) => {
      const at = `base_model.model.model.layers.${layer}.${module}.lora_`;
      const rank = module === 'mlp.down_proj' ? 8 : 4;
      return [half(`${at}A.weight`, [rank, inner]), half(`${at}B.weight`, [out, rank])];
    }),
  );
  const config = {
    ...{ peft_type: 'LORA', r: 4, lora_alpha: 6, rank_pattern: { down_proj: 8 }, alpha_pattern: { down_proj: 2 } },
    target_modules: Object.keys(shapes).map((name) => name.split('.')[1]),
  };
  return [
    { path: 'adapter_config.json', file: new Blob([JSON.stringify(config)]) },
    { path: 'adapter_model.safetensors', file: new Blob([encodeSafetensors(weights.flat())]) },
  ];
}

export function tinyChatModel(): { path: string; file: Blob }[] {
  const rng = createRng(7);
  const tensor = (name: string, shape: number[], spread: number) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => spread * (2 * rng.uniform() - 1));
    return { name, dtype: 'F32' as const, shape, data: new Uint8Array(values.buffer) };
  };
  const ones = (name: string) => {
    const data = new Uint8Array(new Float32Array(HIDDEN).fill(1).buffer);
    return { name, dtype: 'F32' as const, shape: [HIDDEN], data };
  };
  const layers = Array.from({ length: LAYERS }, (_, layer) => {
    const at = `model.layers.${layer}.`;
    return [
      ones(`${at}input_layernorm.weight`),
      tensor(`${at}self_attn.q_proj.weight`, [HEADS * HEAD, HIDDEN], 0.6),
      tensor(`${at}self_attn.k_proj.weight`, [KV_HEADS * HEAD, HIDDEN], 0.6),
      tensor(`${at}self_attn.v_proj.weight`, [KV_HEADS * HEAD, HIDDEN], 0.6),
      tensor(`${at}self_attn.o_proj.weight`, [HIDDEN, HEADS * HEAD], 0.6),
      ones(`${at}post_attention_layernorm.weight`),
      tensor(`${at}mlp.gate_proj.weight`, [FFN, HIDDEN], 0.6),
      tensor(`${at}mlp.up_proj.weight`, [FFN, HIDDEN], 0.6),
      tensor(`${at}mlp.down_proj.weight`, [HIDDEN, FFN], 0.6),
    ];
  });
  const weights = encodeSafetensors([
    tensor('model.embed_tokens.weight', [VOCAB.length, HIDDEN], 1),
    ...layers.flat(),
    ones('model.norm.weight'),
    tensor('lm_head.weight', [VOCAB.length, HIDDEN], 1),
  ]);
  const json = (value: object) => new Blob([JSON.stringify(value)]);
  return [
    { path: 'config.json', file: json(config) },
    { path: 'tokenizer.json', file: json(tokenizer) },
    { path: 'tokenizer_config.json', file: json(settings) },
    { path: 'model.safetensors', file: new Blob([weights]) },
  ];
}
