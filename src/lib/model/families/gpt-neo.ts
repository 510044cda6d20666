// GPT-Neo: GPT-2 with plain matrices, scores that are not scaled, no biases of queries, keys and values, and a window on
// the layers that its config calls local.

import type { ConfigFields } from '../config-fields.ts';
import type { Family } from './family.ts';
import { readGptLike, restingPlan } from './gpt-like.ts';

const FIELDS = {
  hidden: ['hidden_size'],
  heads: ['num_heads', 'num_attention_heads'],
  layers: ['num_layers', 'num_hidden_layers'],
  ffn: ['intermediate_size'],
  context: ['max_position_embeddings'],
  epsilon: 'layer_norm_epsilon',
  activation: 'activation_function',
};

export const gptNeo: Family = {
  modelTypes: ['gpt_neo'],
  readArchitecture(config) {
    const base = readGptLike(config, FIELDS, {
      family: 'gpt_neo',
      contextLength: 2048,
      activation: 'gelu-tanh',
      tiedHead: true,
    });
    return {
      ...base,
      qkvBias: false,
      learnedPositions: true,
      attentionScale: 1,
      plan: restingPlan(readWindows(config, base.layers)),
    };
  },
  names: () => ({
    embedding: 'wte',
    positions: 'wpe',
    head: 'lm_head',
    finalNorm: 'ln_f',
    layerList: 'h',
    modules: {
      'attn.attention.q_proj': ['q'],
      'attn.attention.k_proj': ['k'],
      'attn.attention.v_proj': ['v'],
      'attn.attention.out_proj': ['o'],
      'mlp.c_fc': ['up'],
      'mlp.c_proj': ['down'],
    },
    norms: { attentionNorm: 'ln_1', ffnNorm: 'ln_2' },
  }),
};

/** `attention_types` lists kinds of layers, each list with how often it is repeated. */
function readWindows(config: ConfigFields, layers: number): (number | null)[] {
  const window = config.size('window_size', 2 ** 31, 256);
  const value = config.raw('attention_types') ?? [[['global', 'local'], 12]];
  const fail = () => config.fail('attention_types', `does not list "global" or "local" for each of ${layers} layers`);
  if (!Array.isArray(value)) return fail();
  const kinds: unknown[] = [];
  for (const item of value as unknown[]) {
    const [names, times] = (Array.isArray(item) ? item : []) as unknown[];
    if (!Array.isArray(names) || !Number.isInteger(times) || (times as number) < 1 || (times as number) > layers)
      return fail();
    for (let i = 0; i < (times as number) && kinds.length <= layers; i++) kinds.push(...(names as unknown[]));
  }
  if (kinds.length !== layers || kinds.some((kind) => kind !== 'global' && kind !== 'local')) return fail();
  return kinds.map((kind) => (kind === 'local' ? window : null));
}
