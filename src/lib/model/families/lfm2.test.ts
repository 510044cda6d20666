// The layers of LFM2 as its config plans them, and what is refused.

import { describe, expect, test } from 'vitest';
import { parseArchitecture } from '../config.ts';

const small = {
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 308,
  max_position_embeddings: 256,
};

describe('the layers of LFM2', () => {
  const lfm2 = { ...small, model_type: 'lfm2' };
  const read = (config: object) => parseArchitecture({ ...lfm2, ...config });

  test('attend where the config says, by kinds or by a list, and everywhere by default', () => {
    const mixers = (config: object) => read(config).plan.map(({ mixer = 'attention' }) => mixer);
    expect(mixers({ full_attn_idxs: [1] })).toEqual(['convolution', 'attention', 'convolution']);
    expect(mixers({ layer_types: ['conv', 'conv', 'full_attention'], full_attn_idxs: [1] })).toEqual([
      'convolution',
      'convolution',
      'attention',
    ]);
    expect(mixers({})).toEqual(['attention', 'attention', 'attention']);
  });

  test('round the width of their blocks as the config asks for', () => {
    expect(read({}).ffn).toBe(256);
    expect(read({ block_ff_dim: 6656, block_ffn_dim_multiplier: 1.0 }).ffn).toBe(4608);
    expect(read({ block_ffn_dim_multiplier: 1.5, block_multiple_of: 8 }).ffn).toBe(96);
    expect(read({ block_ffn_dim_multiplier: null }).ffn).toBe(64);
    expect(read({ block_auto_adjust_ff_dim: false }).ffn).toBe(96);
  });

  test('take older names, and refuse what is no layer of this family', () => {
    expect(read({ tie_embedding: false, tie_word_embeddings: true }).tiedHead).toBe(false);
    expect(() => read({ layer_types: ['conv', 'conv', 'sliding_attention'] })).toThrow(/holds "sliding_attention"/);
    expect(() => read({ full_attn_idxs: 'all' })).toThrow(/"full_attn_idxs" is not a list of layers/);
    expect(() => read({ conv_L_cache: 0 })).toThrow(/"conv_L_cache" is 0/);
  });
});
