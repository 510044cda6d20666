// What the seven llama-like families share: the dimensions in config.json and the names of the tensors.
// Each family's own switches are in its own file; absent fields mean that family's defaults, never global ones.

import type { Activation, Architecture, LayerPlan } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';
import type { LayerSlot, TensorNames } from './family.ts';

export interface LlamaLikeDefaults {
  family: string;
  contextLength: number;
  activation: Activation;
  /** Fields that may name the activation, first one set wins. */
  activationFields?: string[];
  tiedHead: boolean;
  /** Absent from the config: this many, or as many as there are query heads. */
  kvHeads?: number;
  /** Absent from the config: this, or hidden / heads. */
  headDim?: number;
  /** Families whose configs leave out dimensions. */
  sizes?: { vocab: number; hidden: number; ffn: number; layers: number; heads: number };
}

/** Dimensions and neutral switches; `plan` and what the family changes come from its own file. */
export function readLlamaLike(
  config: ConfigFields,
  defaults: LlamaLikeDefaults,
): Omit<Architecture, 'plan' | 'ropeDim'> {
  const { sizes } = defaults;
  const hidden = config.size('hidden_size', 65_536, sizes?.hidden);
  const heads = config.size('num_attention_heads', 4096, sizes?.heads);
  const headDim = config.sizeOrNull('head_dim', 4096, defaults.headDim ?? null) ?? defaults.headDim ?? hidden / heads;
  if (!Number.isInteger(headDim)) {
    config.fail('num_attention_heads', `is ${heads}, which does not divide hidden_size (${hidden})`);
  }
  return {
    family: defaults.family,
    layers: config.size('num_hidden_layers', 512, sizes?.layers),
    hidden,
    heads,
    kvHeads: config.sizeOrNull('num_key_value_heads', 4096, defaults.kvHeads ?? null) ?? heads,
    headDim,
    ffn: config.size('intermediate_size', 1 << 20, sizes?.ffn),
    vocab: config.size('vocab_size', 2_000_000, sizes?.vocab),
    contextLength: config.size('max_position_embeddings', 2 ** 31, defaults.contextLength),
    activation: config.activation(defaults.activationFields ?? ['hidden_act'], defaults.activation),
    norm: 'rms',
    normEps: config.number('rms_norm_eps', 1e-12, 0.1, 1e-6),
    normPlusOne: false,
    placement: 'pre',
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
    qkNorm: 'none',
    ropePairing: 'half',
    attentionScale: headDim ** -0.5,
    attentionSoftcap: null,
    logitSoftcap: null,
    embeddingScale: 1,
    residualScale: 1,
    logitScale: 1,
    tiedHead: config.flag('tie_word_embeddings', defaults.tiedHead),
  };
}

/** Refuses `layer_types` that ask for a window in a family without per-layer windows. */
export function refuseMixedLayers(
  config: ConfigFields,
  layers: number,
  allowed: 'full_attention' | 'sliding_attention',
): void {
  const odd = config.layerTypes(layers)?.find((type) => type !== allowed);
  if (odd) config.fail('layer_types', `holds "${odd}", which contradicts sliding_window`);
}

/** The same plan for every layer. */
export const uniformPlan = (layers: number, plan: LayerPlan): LayerPlan[] =>
  Array.from({ length: layers }, () => ({ ...plan }));

export function llamaLikeNames(a: Architecture): TensorNames {
  const attention = (name: string) => `self_attn.${name}`;
  const slots: Partial<Record<LayerSlot, string>> = {
    q: attention('q_proj.weight'),
    k: attention('k_proj.weight'),
    v: attention('v_proj.weight'),
    o: attention('o_proj.weight'),
    gate: 'mlp.gate_proj.weight',
    up: 'mlp.up_proj.weight',
    down: 'mlp.down_proj.weight',
    ...(a.placement === 'sandwich'
      ? {
          attentionNorm: 'input_layernorm.weight',
          attentionOutNorm: 'post_attention_layernorm.weight',
          ffnNorm: 'pre_feedforward_layernorm.weight',
          ffnOutNorm: 'post_feedforward_layernorm.weight',
        }
      : { attentionNorm: 'input_layernorm.weight', ffnNorm: 'post_attention_layernorm.weight' }),
    ...(a.qkvBias && {
      qBias: attention('q_proj.bias'),
      kBias: attention('k_proj.bias'),
      vBias: attention('v_proj.bias'),
    }),
    ...(a.outputBias && { oBias: attention('o_proj.bias') }),
    ...(a.mlpBias && { gateBias: 'mlp.gate_proj.bias', upBias: 'mlp.up_proj.bias', downBias: 'mlp.down_proj.bias' }),
    ...(a.qkNorm === 'head' && { qNorm: attention('q_norm.weight'), kNorm: attention('k_norm.weight') }),
  };
  const entries = Object.entries(slots) as [LayerSlot, string][];
  return {
    embedding: 'embed_tokens.weight',
    finalNorm: 'norm.weight',
    layers: Array.from({ length: a.layers }, (_, i) =>
      Object.fromEntries(entries.map(([slot, name]) => [slot, `layers.${i}.${name}`])),
    ),
  };
}
