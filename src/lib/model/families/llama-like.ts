// Shared by llama-like families: the dimensions in config.json and the names of modules. Each family's file sets its own
// switches; absent fields take that family's defaults.

import type { Activation, Architecture, LayerPlan } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';
import type { ModelNames } from './family.ts';

export interface LlamaLikeDefaults {
  family: string;
  contextLength: number;
  activation: Activation;
  /** Fields that may name the activation; the first one set counts. */
  activationFields?: string[];
  tiedHead: boolean;
  normEps?: number;
  /** Default when the config has none; otherwise the number of query heads. */
  kvHeads?: number;
  /** Default when the config has none; otherwise hidden / heads. */
  headDim?: number;
  /** Default dimensions, for families whose configs omit them. */
  sizes?: { vocab: number; hidden: number; ffn: number; layers: number; heads: number };
}

/** Dimensions and neutral switches; the family's file adds `plan` and its own settings. */
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
    ffnKind: 'gated',
    norm: 'rms',
    normEps: config.number('rms_norm_eps', 1e-12, 0.1, defaults.normEps ?? 1e-6),
    normPlusOne: false,
    placement: 'pre',
    sharesNorm: false,
    embeddingNorm: false,
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
    headBias: false,
    qkNorm: 'none',
    learnedPositions: false,
    alibi: 'none',
    ropePairing: 'half',
    queryGrowth: null,
    attentionScale: headDim ** -0.5,
    attentionSoftcap: null,
    logitSoftcap: null,
    embeddingScale: 1,
    residualScale: 1,
    logitScale: 1,
    latent: null,
    experts: null,
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

export function llamaLikeNames({ placement, qkNorm }: Architecture): ModelNames {
  return {
    embedding: 'embed_tokens',
    head: 'lm_head',
    finalNorm: 'norm',
    layerList: 'layers',
    modules: {
      'self_attn.q_proj': ['q'],
      'self_attn.k_proj': ['k'],
      'self_attn.v_proj': ['v'],
      'self_attn.o_proj': ['o'],
      'mlp.gate_proj': ['gate'],
      'mlp.up_proj': ['up'],
      'mlp.down_proj': ['down'],
    },
    norms: {
      attentionNorm: 'input_layernorm',
      ...(placement === 'sandwich'
        ? {
            attentionOutNorm: 'post_attention_layernorm',
            ffnNorm: 'pre_feedforward_layernorm',
            ffnOutNorm: 'post_feedforward_layernorm',
          }
        : { ffnNorm: 'post_attention_layernorm' }),
      ...(qkNorm === 'head' && { qNorm: 'self_attn.q_norm', kNorm: 'self_attn.k_norm' }),
    },
  };
}
