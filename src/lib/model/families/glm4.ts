// GLM-4-0414 and GLM-Z1: norms before and after both blocks. `post_attention_layernorm` is the norm before the feed-forward block.

import type { Family } from './family.ts';
import { glmLikeNames, readGlmLike } from './glm-like.ts';

export const glm4: Family = {
  modelTypes: ['glm4'],
  readArchitecture: (config) => ({ ...readGlmLike(config, 'glm4'), placement: 'sandwich' }),
  names: (architecture) => ({
    ...glmLikeNames(architecture),
    norms: {
      attentionNorm: 'input_layernorm',
      attentionOutNorm: 'post_self_attn_layernorm',
      ffnNorm: 'post_attention_layernorm',
      ffnOutNorm: 'post_mlp_layernorm',
    },
  }),
};
