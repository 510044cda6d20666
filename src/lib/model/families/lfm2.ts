// LFM2: short convolutions over tokens in most layers, grouped attention with normed heads in the others, a feed-forward block whose
// width the config rounds.

import { readRope } from '../config-rope.ts';
import type { ConfigFields } from '../config-fields.ts';
import type { Family } from './family.ts';
import { readLlamaLike } from './llama-like.ts';

const SIZES = { vocab: 65_536, hidden: 2560, ffn: 12_288, layers: 32, heads: 32 };

export const lfm2: Family = {
  modelTypes: ['lfm2'],
  readArchitecture(config) {
    const base = readLlamaLike(config, {
      ...{ family: 'lfm2', contextLength: 128_000, activation: 'silu', activationFields: [], kvHeads: 8, sizes: SIZES },
      tiedHead: config.flag('tie_embedding', true),
    });
    const { rope, ropeDim, contextLength } = readRope(config, base, { theta: 1_000_000 });
    const isAttention = attentionLayers(config, base.layers);
    return {
      ...base,
      // The older name takes precedence, as in transformers.
      tiedHead: config.flag('tie_embedding', base.tiedHead),
      normEps: config.number('norm_eps', 1e-12, 0.1, 1e-5),
      ffn: readWidth(config, base.ffn),
      qkNorm: 'head',
      convolution: { span: config.size('conv_L_cache', 64, 3), hasBias: config.flag('conv_bias', false) },
      ropeDim,
      contextLength,
      plan: isAttention.map((attends) =>
        attends ? { rope, window: null } : { rope: null, window: null, mixer: 'convolution' },
      ),
    };
  },
  names: () => ({
    embedding: 'embed_tokens',
    head: 'lm_head',
    finalNorm: 'embedding_norm',
    layerList: 'layers',
    modules: {
      'self_attn.q_proj': ['q'],
      'self_attn.k_proj': ['k'],
      'self_attn.v_proj': ['v'],
      'self_attn.out_proj': ['o'],
      'conv.in_proj': ['convIn'],
      'conv.out_proj': ['convOut'],
      'feed_forward.w1': ['gate'],
      'feed_forward.w3': ['up'],
      'feed_forward.w2': ['down'],
    },
    norms: {
      attentionNorm: 'operator_norm',
      ffnNorm: 'ffn_norm',
      qNorm: 'self_attn.q_layernorm',
      kNorm: 'self_attn.k_layernorm',
    },
    convolution: 'conv.conv',
  }),
};

function attentionLayers(config: ConfigFields, layers: number): boolean[] {
  const types = config.layerTypes(layers, ['conv', 'full_attention']);
  if (types) return types.map((type) => type === 'full_attention');
  const listed = config.raw('full_attn_idxs') ?? null;
  if (listed === null) return Array<boolean>(layers).fill(true);
  if (!Array.isArray(listed) || listed.length > layers) return config.fail('full_attn_idxs', 'is not a list of layers');
  const indices: ReadonlySet<unknown> = new Set<unknown>(listed);
  return Array.from({ length: layers }, (_, i) => indices.has(i));
}

/** Two thirds of the given width, times a factor, rounded up to a multiple; unless the config says that it is meant as it stands. */
function readWidth(config: ConfigFields, given: number): number {
  const width = config.sizeOrNull('block_ff_dim', 1 << 20, null) ?? given;
  if (!config.flag('block_auto_adjust_ff_dim', true)) return width;
  const two = Math.trunc((2 * width) / 3);
  const factor =
    config.raw('block_ffn_dim_multiplier') === null ? null : config.number('block_ffn_dim_multiplier', 1e-3, 1e3, 1);
  if (factor === null) return two;
  const multiple = config.size('block_multiple_of', 1 << 20, 256);
  return multiple * Math.ceil(Math.trunc(factor * two) / multiple);
}
