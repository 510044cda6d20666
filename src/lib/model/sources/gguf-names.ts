// Names of tensors: from those of llama.cpp to those of transformers, for each architecture that is read.

import { UnsupportedError } from '#lib/formats/errors.ts';

export interface GgufArchitecture {
  /** `model_type` in transformers. */
  modelType: string;
  /** Queries and keys have their rows interleaved. */
  interleaved?: boolean;
  /** Norms have 1 added. */
  normPlusOne?: boolean;
  /** Norms before and after each block. */
  sandwich?: boolean;
  /** `ffn_up` holds gate and up. */
  fusedGate?: boolean;
}

const ARCHITECTURES: Record<string, GgufArchitecture> = {
  llama: { modelType: 'llama', interleaved: true },
  qwen2: { modelType: 'qwen2' },
  qwen3: { modelType: 'qwen3' },
  gemma: { modelType: 'gemma', normPlusOne: true },
  gemma2: { modelType: 'gemma2', normPlusOne: true, sandwich: true },
  gemma3: { modelType: 'gemma3_text', normPlusOne: true, sandwich: true },
  phi3: { modelType: 'phi3', fusedGate: true },
};

export function ggufArchitecture(name: string, file: string): GgufArchitecture {
  const found = Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
  if (found) return found;
  throw new UnsupportedError(
    file,
    `field "general.architecture" is "${name.slice(0, 60)}", which is not read`,
    `Read are ${Object.keys(ARCHITECTURES).join(', ')}; open the model as a Hugging Face folder instead.`,
  );
}

const OF_FAMILY: Record<string, string> = {
  ...Object.fromEntries(Object.keys(ARCHITECTURES).map((name) => [name, name])),
  mistral: 'llama',
};

/** `general.architecture` of models of a family. */
export function ggufNameOfFamily(family: string, file: string): string {
  const found = Object.hasOwn(OF_FAMILY, family) ? OF_FAMILY[family] : undefined;
  if (found !== undefined) return found;
  throw new UnsupportedError(
    file,
    `a GGUF file of the family "${family}" is not written`,
    `Written are ${Object.keys(OF_FAMILY).join(', ')}; export the adapter to peft, or merge it.`,
  );
}

/** Tables that config.json has as fields. */
const ROTATIONS = /^rope_(freqs|factors_long|factors_short)\.weight$/;
const TOP: Record<string, string> = {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
};
const MODULES: Record<string, string> = {
  attn_norm: 'input_layernorm',
  ffn_norm: 'post_attention_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_qkv: 'self_attn.qkv_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};
const SANDWICH: Record<string, string> = {
  ffn_norm: 'pre_feedforward_layernorm',
  post_attention_norm: 'post_attention_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
};

export interface NamedModule {
  name: string;
  /** As llama.cpp has it: `attn_q`. */
  module: string;
}

/** The name in transformers of a module, `blk.0.attn_q` for one; null when it is none. */
export function moduleName(name: string, architecture: GgufArchitecture): NamedModule | null {
  if (Object.hasOwn(TOP, name)) return { name: TOP[name]!, module: name };
  const [, layer, module] = /^blk\.(\d{1,4})\.(\w+)$/.exec(name) ?? [];
  if (module === undefined) return null;
  const known = { ...MODULES, ...(architecture.sandwich && SANDWICH) };
  const found = architecture.fusedGate && module === 'ffn_up' ? 'mlp.gate_up_proj' : known[module];
  return Object.hasOwn(known, module) ? { name: `model.layers.${layer}.${found}`, module } : null;
}

/** llama.cpp's name of a module, `self_attn.q_proj` within a layer for one; null when it has none. */
export const ggufModuleOf = (name: string): string | null =>
  name === 'mlp.gate_up_proj'
    ? 'ffn_up'
    : (Object.entries({ ...TOP, ...MODULES }).find(([, known]) => known === name)?.[0] ?? null);

/** A tensor's name in transformers; null for one that config.json stands for. */
export function tensorName(name: string, architecture: GgufArchitecture, file: string): NamedModule | null {
  if (ROTATIONS.test(name)) return null;
  const [, path, kind] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
  const named = path === undefined ? null : moduleName(path, architecture);
  if (named) return { ...named, name: `${named.name}.${kind}` };
  throw new UnsupportedError(
    file,
    `tensor "${name}" has no place in a model of type ${architecture.modelType}`,
    'The model has parts that this product does not compute.',
  );
}
