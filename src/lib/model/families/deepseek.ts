// DeepSeek V2 and V3: queries, keys and values expanded from latent vectors; experts in all layers but the first ones, some shared by all rows.

import type { Architecture, Experts } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';
import { readRope } from '../config-rope.ts';
import { expertNames } from './expert-names.ts';
import type { Family, ModelNames } from './family.ts';
import { llamaLikeNames, readLlamaLike, uniformPlan } from './llama-like.ts';

const ROTATIONS = { default: 'default', yarn: 'yarn' } as const;

export const deepseekV2: Family = {
  modelTypes: ['deepseek_v2'],
  readArchitecture(config) {
    const base = readDeepseek(config, { family: 'deepseek_v2', contextLength: 2048 });
    const method = config.raw('topk_method') ?? 'greedy';
    if (method !== 'greedy' && method !== 'group_limited_greedy')
      config.refuse('topk_method', 'is not supported', 'Supported: greedy, group_limited_greedy.');
    refuseScoring(config, 'softmax');
    if (config.flag('norm_topk_prob', false))
      config.refuse('norm_topk_prob', 'is set, which transformers does not compute in this family', 'Turn it off.');
    const experts = readExperts(config, base.layers, {
      count: 64,
      shared: 2,
      chosen: null,
      ffn: 1407,
      firstDense: 0,
      scale: 1,
    });
    const isGrouped = method === 'group_limited_greedy';
    return {
      ...base,
      experts: experts && {
        ...experts,
        router: {
          scores: 'softmax',
          hasBias: false,
          groups: isGrouped ? readGroups(config, experts, 'best', {}) : null,
          isNormalised: false,
          scale: experts.scale,
        },
      },
    };
  },
  names: deepseekNames,
};

export const deepseekV3: Family = {
  modelTypes: ['deepseek_v3'],
  readArchitecture(config) {
    const base = readDeepseek(config, { family: 'deepseek_v3', contextLength: 4096 });
    if ((config.raw('topk_method') ?? 'noaux_tc') !== 'noaux_tc')
      config.refuse('topk_method', 'is not supported', 'Supported: noaux_tc.');
    refuseScoring(config, 'sigmoid');
    if (!config.flag('rope_interleave', true))
      config.refuse('rope_interleave', 'is false, which is not supported', 'Choose a model that rotates neighbours.');
    const experts = readExperts(config, base.layers, {
      ...{ count: 256, shared: 1, chosen: 8, ffn: 2048, firstDense: 3, scale: 2.5 },
    });
    return {
      ...base,
      furtherLayers: config.number('num_nextn_predict_layers', 0, 16, 0),
      experts: experts && {
        ...experts,
        router: {
          scores: 'sigmoid',
          hasBias: true,
          groups: readGroups(config, experts, 'best-two', { count: 8, kept: 4 }),
          isNormalised: config.flag('norm_topk_prob', true),
          scale: experts.scale,
        },
      },
    };
  },
  names: deepseekNames,
};

function readDeepseek(config: ConfigFields, of: { family: string; contextLength: number }): Architecture {
  const nopeDim = config.size('qk_nope_head_dim', 4096, 128);
  const ropeDim = config.size('qk_rope_head_dim', 4096, 64);
  const base = readLlamaLike(config, { ...of, activation: 'silu', tiedHead: false });
  const headDim = nopeDim + ropeDim;
  if (base.kvHeads !== base.heads)
    config.refuse(
      'num_key_value_heads',
      'differs from num_attention_heads, which is not supported',
      'Make them equal.',
    );
  for (const field of ['attention_bias', 'mlp_bias'])
    if (config.flag(field, false))
      config.refuse(field, 'is set, which is not supported', 'Choose a model without biases.');
  const { rope, contextLength } = readRope(
    config,
    { headDim: ropeDim, contextLength: base.contextLength },
    { types: ROTATIONS },
  );
  const { scaling } = rope;
  const stretch =
    scaling.type === 'yarn' && scaling.factor > 1
      ? 0.1 * (scaling.mscaleAllDim ?? 0) * Math.log(scaling.factor) + 1
      : 1;
  return {
    ...base,
    headDim,
    ropeDim,
    contextLength,
    ropePairing: 'interleaved',
    attentionScale: headDim ** -0.5 * stretch ** 2,
    latent: {
      queryRank: config.sizeOrNull('q_lora_rank', 65_536, 1536),
      kvRank: config.size('kv_lora_rank', 65_536, 512),
      nopeDim,
      valueDim: config.size('v_head_dim', 4096, 128),
    },
    plan: uniformPlan(base.layers, { rope, window: null }),
  };
}

function refuseScoring(config: ConfigFields, wanted: string): void {
  if ((config.raw('scoring_func') ?? wanted) !== wanted)
    config.refuse('scoring_func', 'is not supported in this family', `Supported: ${wanted}.`);
  if (config.size('moe_layer_freq', 512, 1) !== 1)
    config.refuse(
      'moe_layer_freq',
      'is not 1, which is not supported',
      'Choose a model with experts in every later layer.',
    );
}

interface ExpertDefaults {
  count: number;
  shared: number;
  chosen: number | null;
  ffn: number;
  firstDense: number;
  scale: number;
}

/** All but the router. */
function readExperts(
  config: ConfigFields,
  layers: number,
  defaults: ExpertDefaults,
): (Omit<Experts, 'router'> & { scale: number }) | null {
  const field = (config.raw('n_routed_experts') ?? null) === null ? 'num_local_experts' : 'n_routed_experts';
  const firstDense = config.number('first_k_dense_replace', 0, 512, defaults.firstDense);
  const isSparse = Array.from({ length: layers }, (_, i) => i >= firstDense);
  if (!isSparse.includes(true)) return null;
  const count = config.size(field, 1024, defaults.count);
  const chosen = config.size('num_experts_per_tok', 64, defaults.chosen ?? undefined);
  if (chosen > count) config.fail('num_experts_per_tok', `is ${chosen}, more than ${field} (${count})`);
  const ffn = config.size('moe_intermediate_size', 1 << 20, defaults.ffn);
  return {
    count,
    chosen,
    ffn,
    sharedFfn: ffn * config.number('n_shared_experts', 0, 64, defaults.shared),
    isSharedGated: false,
    isSparse,
    scale: config.number('routed_scaling_factor', 1e-6, 1e6, defaults.scale),
  };
}

function readGroups(
  config: ConfigFields,
  { count: experts, chosen }: Pick<Experts, 'count' | 'chosen'>,
  score: 'best' | 'best-two',
  defaults: { count?: number; kept?: number },
): { count: number; kept: number; score: 'best' | 'best-two' } | null {
  const count = config.size('n_group', 1024, defaults.count);
  const kept = config.size('topk_group', 1024, defaults.kept);
  if (experts % count !== 0) config.fail('n_group', `is ${count}, which does not divide the ${experts} experts`);
  if (kept > count) config.fail('topk_group', `is ${kept}, more than n_group (${count})`);
  if (chosen > (experts / count) * kept)
    config.fail('num_experts_per_tok', 'is more than the experts of topk_group groups');
  if (score === 'best-two' && experts / count < 2) config.fail('n_group', 'leaves groups of fewer than two experts');
  return kept === count ? null : { count, kept, score };
}

function deepseekNames(a: Architecture): ModelNames {
  const { modules: llama, norms, ...names } = llamaLikeNames(a);
  const hasLatent = a.latent!.queryRank !== null;
  const modules: ModelNames['modules'] = {
    ...(hasLatent ? { 'self_attn.q_a_proj': ['qA'], 'self_attn.q_b_proj': ['qB'] } : { 'self_attn.q_proj': ['q'] }),
    'self_attn.kv_a_proj_with_mqa': ['kvA'],
    'self_attn.kv_b_proj': ['kvB'],
    ...Object.fromEntries(Object.entries(llama).filter(([module]) => !/\.[qkv]_proj$/.test(module))),
  };
  const dense = {
    ...names,
    modules,
    norms: {
      ...norms,
      ...(hasLatent && { qLatentNorm: 'self_attn.q_a_layernorm' }),
      kvLatentNorm: 'self_attn.kv_a_layernorm',
    },
  };
  return expertNames(a, dense, {
    router: 'mlp.gate',
    routerBias: 'mlp.gate.e_score_correction_bias',
    ...(a.experts && a.experts.sharedFfn > 0 && { shared: 'mlp.shared_experts' }),
    list: 'mlp.experts',
    gate: 'gate_proj',
    up: 'up_proj',
    down: 'down_proj',
  });
}
