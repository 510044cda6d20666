// What the three Gemma generations share: norms stored as w - 1, embeddings scaled by the square root of the width,
// tied head, heads of 256 and a tanh gelu; the first generation's configs call it "gelu".

import type { Architecture } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';
import { readLlamaLike, type LlamaLikeDefaults } from './llama-like.ts';

export function readGemmaLike(
  config: ConfigFields,
  defaults: Pick<LlamaLikeDefaults, 'family' | 'contextLength' | 'kvHeads' | 'sizes'>,
): Omit<Architecture, 'plan' | 'ropeDim'> {
  const isFirst = defaults.family === 'gemma';
  const base = readLlamaLike(config, {
    ...defaults,
    activation: 'gelu-tanh',
    // The first generation reads one field, the later ones the other.
    activationFields: [isFirst ? 'hidden_act' : 'hidden_activation'],
    tiedHead: true,
    headDim: 256,
  });
  if (base.activation === 'silu') {
    config.refuse(
      isFirst ? 'hidden_act' : 'hidden_activation',
      'is not a gelu, which no Gemma model is',
      'Check model_type.',
    );
  }
  const attentionBias = config.flag('attention_bias', false);
  return {
    ...base,
    activation: isFirst ? 'gelu-tanh' : base.activation,
    normPlusOne: true,
    embeddingScale: Math.sqrt(base.hidden),
    qkvBias: attentionBias,
    outputBias: attentionBias,
  };
}

/** The divisor of attention scores is the square root of a separate field, not of the head's width. */
export const gemmaScale = (config: ConfigFields): number =>
  config.number('query_pre_attn_scalar', 1e-6, 1e9, 256) ** -0.5;
