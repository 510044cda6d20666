// Falcon in its four forms. 7B: both blocks read one norm side by side, one key head. 40B and 180B: two norms, several key heads.
// 11B: one norm, several key heads. RW: one block after the other, ALiBi, a key head for each query head, biases.

import type { Architecture } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';
import { readRope } from '../config-rope.ts';
import type { Family } from './family.ts';
import { readGptLike, restingPlan } from './gpt-like.ts';
import { uniformPlan } from './llama-like.ts';

const FIELDS = {
  hidden: ['n_embed', 'hidden_size'],
  heads: ['num_attention_heads', 'n_head'],
  layers: ['num_hidden_layers', 'n_layer'],
  ffn: ['ffn_hidden_size'],
  context: ['max_position_embeddings'],
  epsilon: 'layer_norm_epsilon',
  activation: 'activation',
};

export const falcon: Family = {
  modelTypes: ['falcon'],
  readArchitecture(config) {
    const base = readGptLike(config, FIELDS, {
      family: 'falcon',
      contextLength: 2048,
      activation: 'gelu-erf',
      tiedHead: true,
    });
    const bias = config.flag('bias', false);
    const all = { ...base, ...readForm(config, base.heads), qkvBias: bias, outputBias: bias, mlpBias: bias };
    if (config.flag('alibi', false))
      return { ...all, alibi: 'rounded', plan: restingPlan(Array<null>(base.layers).fill(null)) };
    const { rope, ...reach } = readRope(config, base);
    return { ...all, ...reach, plan: uniformPlan(base.layers, { rope, window: null }) };
  },
  names: ({ placement, sharesNorm, kvHeads }) => ({
    embedding: 'word_embeddings',
    head: 'lm_head',
    finalNorm: 'ln_f',
    layerList: 'h',
    fusedGroups: kvHeads,
    modules: {
      'self_attention.query_key_value': ['q', 'k', 'v'],
      'self_attention.dense': ['o'],
      'mlp.dense_h_to_4h': ['up'],
      'mlp.dense_4h_to_h': ['down'],
    },
    norms:
      placement === 'pre'
        ? { attentionNorm: 'input_layernorm', ffnNorm: 'post_attention_layernorm' }
        : sharesNorm
          ? { attentionNorm: 'input_layernorm' }
          : { attentionNorm: 'ln_attn', ffnNorm: 'ln_mlp' },
  }),
};

function readForm(config: ConfigFields, heads: number): Pick<Architecture, 'kvHeads' | 'placement' | 'sharesNorm'> {
  const isNew = config.flag('new_decoder_architecture', false);
  const isParallel = config.flag('parallel_attn', true);
  const hasOneKey = config.flag('multi_query', true);
  const norms = config.sizeOrNull('num_ln_in_parallel_attn', 2, null) ?? (isNew ? 2 : 1);
  if (isNew && !isParallel) config.fail('parallel_attn', 'is false, which contradicts new_decoder_architecture');
  if (!isNew && isParallel && norms === 2)
    config.fail('num_ln_in_parallel_attn', 'is 2, which asks for new_decoder_architecture');
  const kvHeads = config.sizeOrNull('num_kv_heads', 4096, null) ?? heads;
  if (!isNew && !hasOneKey && kvHeads !== heads)
    config.fail('num_kv_heads', `is ${kvHeads} for ${heads} heads, which asks for new_decoder_architecture`);
  return {
    kvHeads: isNew || !hasOneKey ? kvHeads : 1,
    placement: isParallel ? 'parallel' : 'pre',
    sharesNorm: isParallel && norms === 1,
  };
}
