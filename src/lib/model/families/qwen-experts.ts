// The experts of Qwen's sparse models: which layers have them, how many, and how wide.

import type { Experts } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';

export interface QwenExpertDefaults {
  count: number;
  chosen: number;
  ffn: number;
  /** Null: the family has no shared expert. */
  sharedFfn: number | null;
}

/** Null where the config leaves no layer with experts. */
export function readQwenExperts(config: ConfigFields, layers: number, defaults: QwenExpertDefaults): Experts | null {
  const field = (config.raw('num_experts') ?? null) === null ? 'num_local_experts' : 'num_experts';
  if (config.raw(field) === 0) return null;
  const count = config.size(field, 1024, defaults.count);
  const chosen = config.size('num_experts_per_tok', 64, defaults.chosen);
  if (chosen > count) config.fail('num_experts_per_tok', `is ${chosen}, more than ${field} (${count})`);
  const every = config.size('decoder_sparse_step', 512, 1);
  const dense = denseLayers(config, layers);
  const isSparse = Array.from({ length: layers }, (_, i) => !dense.has(i) && (i + 1) % every === 0);
  if (!isSparse.includes(true)) return null;
  return {
    count,
    chosen,
    ffn: config.size('moe_intermediate_size', 1 << 20, defaults.ffn),
    sharedFfn:
      defaults.sharedFfn === null ? 0 : config.size('shared_expert_intermediate_size', 1 << 20, defaults.sharedFfn),
    isSharedGated: defaults.sharedFfn !== null,
    router: {
      scores: 'softmax',
      hasBias: false,
      groups: null,
      isNormalised: config.flag('norm_topk_prob', false),
      scale: 1,
    },
    isSparse,
  };
}

function denseLayers(config: ConfigFields, layers: number): ReadonlySet<unknown> {
  const value = config.raw('mlp_only_layers') ?? [];
  const isList =
    Array.isArray(value) && value.every((layer) => Number.isInteger(layer) && layer >= 0 && layer < layers);
  return isList ? new Set(value) : config.fail('mlp_only_layers', `is not a list of layers below ${layers}`);
}
