// config.json in both dialects, every family; implausible and unknown values are refused by name.

import { describe, expect, test } from 'vitest';
import { FAMILY_CASES, modelPath, openFixture } from '#tests/support/fixtures.ts';
import { PayableError } from '#lib/core/errors.ts';
import { checkArchitecture, parseArchitecture, readArchitecture } from './config.ts';

const small = {
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 308,
  max_position_embeddings: 256,
};
const llama = { ...small, model_type: 'llama' };

/** Facts of the golden models, from the code that made them. */
const FACTS: Record<(typeof FAMILY_CASES)[number], object> = {
  llama2: {
    family: 'llama',
    layers: 3,
    kvHeads: 4,
    headDim: 16,
    tiedHead: false,
    activation: 'silu',
    attentionScale: 0.25,
  },
  llama3: { headDim: 32, kvHeads: 2, tiedHead: true, ropeDim: 32, vocab: 308, contextLength: 32 * 16, normEps: 1e-6 },
  mistral: { headDim: 32, tiedHead: false, qkvBias: false, qkNorm: 'none' },
  qwen2: { headDim: 16, qkvBias: true, outputBias: false, tiedHead: true },
  qwen3: { headDim: 32, qkNorm: 'head', qkvBias: false },
  gemma: {
    placement: 'pre',
    normPlusOne: true,
    embeddingScale: 8,
    activation: 'gelu-tanh',
    tiedHead: true,
    attentionScale: 32 ** -0.5,
  },
  gemma2: { placement: 'sandwich', attentionSoftcap: 5, logitSoftcap: 3, attentionScale: 20 ** -0.5, qkNorm: 'none' },
  gemma3: {
    placement: 'sandwich',
    attentionSoftcap: null,
    logitSoftcap: null,
    qkNorm: 'head',
    attentionScale: 20 ** -0.5,
    layers: 7,
  },
  gemma4: {
    placement: 'sandwich',
    normPlusOne: false,
    qkNorm: 'head',
    valueNorm: true,
    layerScale: true,
    layerInput: 8,
    attentionScale: 1,
    logitSoftcap: 3,
    headDim: 8,
    kvHeads: 2,
    tiedHead: true,
  },
  gemma4_dense: { layerScale: true, logitSoftcap: null, attentionScale: 1, headDim: 8, kvHeads: 2, layers: 3 },
  lfm2: {
    headDim: 12,
    kvHeads: 1,
    ffn: 24,
    qkNorm: 'head',
    normEps: 1e-5,
    convolution: { span: 3, hasBias: true },
    tiedHead: true,
  },
  granite: {
    embeddingScale: 12,
    residualScale: 0.22,
    attentionScale: 0.05,
    logitScale: 1 / 8,
    tiedHead: false,
    placement: 'pre',
  },
  smollm3: { tiedHead: true, kvHeads: 2, headDim: 8, qkvBias: false },
  glm: { headDim: 16, ropeDim: 8, ropePairing: 'interleaved', qkvBias: true, outputBias: false, normEps: 1.5625e-7 },
  glm4: { ropeDim: 8, ropePairing: 'interleaved', placement: 'sandwich', qkvBias: false },
  chatglm: {
    layers: 2,
    kvHeads: 2,
    headDim: 16,
    ropeDim: 8,
    ropePairing: 'interleaved',
    qkvBias: true,
    outputBias: false,
    vocab: 96,
    contextLength: 64,
  },
  qwen2_moe: {
    qkvBias: true,
    experts: {
      ...{ count: 6, chosen: 3, ffn: 8, sharedFfn: 12, isSharedGated: true, isSparse: [true, true] },
      router: { scores: 'softmax', hasBias: false, groups: null, isNormalised: false, scale: 1 },
    },
  },
  qwen3_moe: {
    qkNorm: 'head',
    experts: {
      ...{ count: 5, chosen: 2, ffn: 8, sharedFfn: 0, isSharedGated: false, isSparse: [true, false, true] },
      router: { scores: 'softmax', hasBias: false, groups: null, isNormalised: true, scale: 1 },
    },
  },
  deepseek_v2: {
    ...{ headDim: 12, ropeDim: 8, ropePairing: 'interleaved', contextLength: 64 },
    // The square of what yarn's mscale_all_dim makes of its factor.
    attentionScale: 12 ** -0.5 * (0.1 * 0.9 * Math.log(4) + 1) ** 2,
    latent: { queryRank: null, kvRank: 8, nopeDim: 4, valueDim: 8 },
    experts: {
      ...{ count: 4, chosen: 2, ffn: 8, sharedFfn: 8, isSharedGated: false, isSparse: [false, true] },
      router: {
        ...{ scores: 'softmax', hasBias: false, isNormalised: false, scale: 3 },
        groups: { count: 2, kept: 1, score: 'best' },
      },
    },
  },
  deepseek_v3: {
    latent: { queryRank: 12, kvRank: 8, nopeDim: 4, valueDim: 8 },
    experts: {
      router: {
        ...{ scores: 'sigmoid', hasBias: true, isNormalised: true, scale: 2.5 },
        groups: { count: 3, kept: 2, score: 'best-two' },
      },
    },
  },
  olmo2: { placement: 'post', qkNorm: 'whole', normEps: 1e-5, norm: 'rms' },
  ministral3: { queryGrowth: { factor: 0.1, every: 4 }, headDim: 16 },
  gpt2: {
    norm: 'layer',
    ffnKind: 'plain',
    ffn: 128,
    learnedPositions: true,
    tiedHead: true,
    activation: 'gelu-tanh',
    ropeDim: 0,
    contextLength: 256,
  },
  gpt_neo: { learnedPositions: true, attentionScale: 1, qkvBias: false, outputBias: true },
  gpt_neox: { placement: 'parallel', sharesNorm: false, ropeDim: 4, activation: 'gelu-erf', tiedHead: false },
  phi: { placement: 'parallel', sharesNorm: true, headBias: true, ropeDim: 4, activation: 'gelu-tanh' },
  bloom: { embeddingNorm: true, alibi: 'exact', activation: 'gelu-tanh', tiedHead: true, ffn: 96 },
  falcon7b: { placement: 'parallel', sharesNorm: true, kvHeads: 1, ropeDim: 8, qkvBias: false, tiedHead: true },
  falcon40b: { placement: 'parallel', sharesNorm: false, kvHeads: 2 },
  falcon11b: { placement: 'parallel', sharesNorm: true, kvHeads: 2, ffn: 80, tiedHead: false },
  falconrw: { placement: 'pre', alibi: 'rounded', kvHeads: 6, qkvBias: true, mlpBias: true },
  phi3: { headDim: 16, kvHeads: 2, ropeDim: 16, normEps: 1e-5, tiedHead: false, qkvBias: false, placement: 'pre' },
};

test.each(FAMILY_CASES)('%s', async (name) => {
  expect(await readArchitecture(openFixture(modelPath(name)))).toMatchObject(FACTS[name]);
});

test('layer plans of the golden models', async () => {
  const plan = async (name: string) => (await readArchitecture(openFixture(modelPath(name)))).plan;
  const plain = { theta: 10_000, scaling: { type: 'default' } };
  expect(await plan('llama3')).toEqual(
    Array(3).fill({
      window: null,
      rope: {
        theta: 500_000,
        scaling: {
          type: 'llama3',
          factor: 32,
          lowFrequencyFactor: 1,
          highFrequencyFactor: 4,
          originalContextLength: 16,
        },
      },
    }),
  );
  expect(await plan('mistral')).toEqual(Array(3).fill({ rope: plain, window: 9 }));
  expect((await plan('qwen2')).map((l) => l.window)).toEqual([null, null, null]);
  expect((await plan('gemma2')).map((l) => l.window)).toEqual([8, null, 8]);
  expect((await plan('gemma3')).map((l) => [l.window, l.rope?.theta])).toEqual([
    ...Array<unknown>(5).fill([8, 10_000]),
    [null, 1_000_000],
    [8, 10_000],
  ]);
});

describe('both dialects give the same architecture', () => {
  test.each<[string, object, object]>([
    [
      'llama with scaled rotation',
      { ...llama, rope_theta: 5e5, rope_scaling: { type: 'linear', factor: 4 }, torch_dtype: 'float32' },
      { ...llama, rope_parameters: { rope_theta: 5e5, rope_type: 'linear', factor: 4 }, dtype: 'float32' },
    ],
    [
      'qwen with yarn',
      {
        ...small,
        model_type: 'qwen2',
        rope_theta: 1e6,
        rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 64 },
      },
      {
        ...small,
        model_type: 'qwen2',
        rope_parameters: { rope_theta: 1e6, rope_type: 'yarn', factor: 4, original_max_position_embeddings: 64 },
      },
    ],
    [
      'windows by count and by layer type',
      { ...small, model_type: 'qwen2', use_sliding_window: true, sliding_window: 8, max_window_layers: 2 },
      {
        ...small,
        model_type: 'qwen2',
        use_sliding_window: true,
        sliding_window: 8,
        max_window_layers: 2,
        layer_types: ['full_attention', 'full_attention', 'sliding_attention'],
      },
    ],
    [
      'gemma 3 with two rotations',
      { ...small, model_type: 'gemma3_text', num_hidden_layers: 6, rope_scaling: { rope_type: 'linear', factor: 8 } },
      {
        ...small,
        model_type: 'gemma3_text',
        num_hidden_layers: 6,
        rope_parameters: {
          full_attention: { rope_type: 'linear', factor: 8, rope_theta: 1e6 },
          sliding_attention: { rope_type: 'default', rope_theta: 1e4 },
        },
        layer_types: [...Array<string>(5).fill('sliding_attention'), 'full_attention'],
      },
    ],
    [
      'a nested language model',
      { ...small, model_type: 'gemma3_text' },
      { model_type: 'gemma3', vision_config: {}, text_config: { ...small, model_type: 'gemma3_text' } },
    ],
    [
      'gemma 2 by pattern',
      { ...small, model_type: 'gemma2' },
      { ...small, model_type: 'gemma2', layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'] },
    ],
    [
      'spelled defaults',
      llama,
      {
        ...llama,
        head_dim: 16,
        attention_bias: false,
        mlp_bias: false,
        rms_norm_eps: 1e-6,
        tie_word_embeddings: false,
        rope_theta: 10000,
        rope_scaling: null,
        hidden_act: 'silu',
      },
    ],
  ])('%s', (_, hub, v5) => {
    expect(parseArchitecture(v5 as never)).toEqual(parseArchitecture(hub as never));
  });
});

test('an absent window is the family default, a null one is none', () => {
  const mistral = { ...small, model_type: 'mistral' };
  expect(parseArchitecture(mistral).plan[0]?.window).toBe(4096);
  expect(parseArchitecture({ ...mistral, sliding_window: null }).plan[0]?.window).toBeNull();
  expect(parseArchitecture({ ...small, model_type: 'gemma2', final_logit_softcapping: null })).toMatchObject({
    logitSoftcap: null,
    attentionSoftcap: 50,
  });
});

test('the 4B Gemma 3 config omits its heads', () => {
  const config = {
    model_type: 'gemma3',
    text_config: {
      hidden_size: 2560,
      intermediate_size: 10240,
      model_type: 'gemma3_text',
      num_hidden_layers: 34,
      rope_scaling: { factor: 8, rope_type: 'linear' },
      sliding_window: 1024,
    },
  };
  expect(parseArchitecture(config)).toMatchObject({
    heads: 8,
    kvHeads: 4,
    headDim: 256,
    vocab: 262_208,
    contextLength: 131_072,
    attentionScale: 1 / 16,
  });
});

test('first-generation Gemma configs say gelu for its tanh form', () => {
  expect(parseArchitecture({ ...small, model_type: 'gemma', hidden_act: 'gelu' }).activation).toBe('gelu-tanh');
  expect(parseArchitecture({ ...llama, hidden_act: 'gelu' }).activation).toBe('gelu-erf');
  const later = { ...small, model_type: 'gemma2', hidden_act: 'gelu' };
  expect(parseArchitecture(later).activation).toBe('gelu-tanh');
  expect(parseArchitecture({ ...later, hidden_activation: 'gelu' }).activation).toBe('gelu-erf');
});

test('llama biases follow the config', () => {
  expect(parseArchitecture({ ...llama, attention_bias: true, mlp_bias: true })).toMatchObject({
    qkvBias: true,
    outputBias: true,
    mlpBias: true,
  });
  expect(parseArchitecture({ ...small, model_type: 'qwen3', attention_bias: true })).toMatchObject({
    qkvBias: true,
    outputBias: true,
    headDim: 128,
  });
});

test('a disabled quantisation is accepted', () => {
  const left = { quant_method: 'bitsandbytes', load_in_8bit: false, load_in_4bit: false, bnb_4bit_quant_type: 'nf4' };
  expect(parseArchitecture({ ...llama, quantization_config: left })).toEqual(parseArchitecture(llama));
  expect(() => parseArchitecture({ ...llama, quantization_config: { quant_method: 'hqq' } })).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('delete this field') as unknown }) as Error,
  );
  expect(() => parseArchitecture({ ...llama, quantization: { group_size: 64, bits: 4 } })).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('MLX') as unknown }) as Error,
  );
});

describe('refused by name', () => {
  test.each<[string, object, RegExp]>([
    ['an unknown family', { ...llama, model_type: 'mamba' }, /"model_type" is "mamba", which is not supported/],
    ['an inherited family', { ...llama, model_type: 'constructor' }, /not supported/],
    ['no family', { ...small }, /"model_type" is missing/],
    ['a family that is a number', { ...small, model_type: 3 }, /"model_type" is missing/],
    ['quantised weights', { ...llama, quantization_config: { quant_method: 'hqq' } }, /"quantization_config" is set/],
    [
      'a layout for one kernel',
      { ...llama, quantization_config: { quant_method: 'awq', version: 'gemv' } },
      /"quantization_config.version" is set \("gemv"\)/,
    ],
    [
      'packed matrices that are transposed',
      {
        model_type: 'gpt2',
        n_embd: 16,
        n_head: 4,
        n_layer: 1,
        vocab_size: 8,
        quantization_config: { quant_method: 'gptq' },
      },
      /"quantization_config" is set for a model with transposed matrices/,
    ],
    ['attention that is not causal', { ...llama, is_causal: false }, /"is_causal" is false/],
    ['bidirectional attention', { ...llama, use_bidirectional_attention: true }, /"use_bidirectional_attention"/],
    [
      'an unknown rotation',
      { ...llama, rope_scaling: { type: 'su', factor: 2 } },
      /"rope_scaling" asks for rotation of type "su"/,
    ],
    ['a rotation without its factor', { ...llama, rope_scaling: { type: 'linear' } }, /"factor" is missing/],
    [
      'factors of another width',
      { ...llama, rope_scaling: { type: 'longrope', short_factor: [1], long_factor: [1] } },
      /"short_factor" is not a list of 8 factors/,
    ],
    [
      'a scaled rotation of a part of each head',
      { ...llama, partial_rotary_factor: 0.5, rope_scaling: { type: 'linear', factor: 2 } },
      /"partial_rotary_factor" is 0.5 beside rotation of type "linear"/,
    ],
    ['a rotation that is text', { ...llama, rope_scaling: 'linear' }, /"rope_scaling" is not an object/],
    [
      'inverted llama3 bands',
      {
        ...llama,
        rope_scaling: {
          rope_type: 'llama3',
          factor: 8,
          low_freq_factor: 4,
          high_freq_factor: 1,
          original_max_position_embeddings: 8192,
        },
      },
      /"high_freq_factor" is 1, not above/,
    ],
    [
      'nested rotation outside Gemma 3',
      { ...llama, rope_parameters: { full_attention: {} } },
      /"full_attention" its own rotation/,
    ],
    [
      'flat rotation in Gemma 3',
      { ...small, model_type: 'gemma3_text', rope_parameters: { rope_theta: 1e6 } },
      /needs full_attention and sliding_attention/,
    ],
    [
      'an unknown layer type',
      { ...small, model_type: 'qwen3', layer_types: ['linear_attention', 'full_attention', 'full_attention'] },
      /"linear_attention", which is not supported/,
    ],
    [
      'too few layer types',
      { ...small, model_type: 'qwen3', layer_types: ['full_attention'] },
      /not a list of 3 entries/,
    ],
    [
      'windows a family lacks',
      { ...llama, layer_types: ['sliding_attention', 'full_attention', 'full_attention'] },
      /contradicts sliding_window/,
    ],
    [
      'windows that are off',
      { ...small, model_type: 'qwen2', layer_types: ['sliding_attention', 'full_attention', 'full_attention'] },
      /use_sliding_window is off/,
    ],
    ['an unknown activation', { ...llama, hidden_act: 'relu6' }, /"hidden_act" is "relu6"/],
    ['a Gemma that is not one', { ...small, model_type: 'gemma', hidden_act: 'silu' }, /"hidden_act" is not a gelu/],
    [
      'a capped Gemma 3',
      { ...small, model_type: 'gemma3_text', attn_logit_softcapping: 50 },
      /"attn_logit_softcapping"/,
    ],
    ['an absurd width', { ...llama, hidden_size: 1e9 }, /"hidden_size" is 1000000000; 1 to 65536/],
    ['a fractional width', { ...llama, hidden_size: 64.5 }, /not a whole number/],
    ['a width of text', { ...llama, hidden_size: '64' }, /"hidden_size" is "64", not a number/],
    ['no width', { ...llama, hidden_size: undefined }, /"hidden_size" is missing/],
    ['513 layers', { ...llama, num_hidden_layers: 513 }, /"num_hidden_layers" is 513/],
    ['zero layers', { ...llama, num_hidden_layers: 0 }, /"num_hidden_layers" is 0/],
    ['too many words', { ...llama, vocab_size: 3e6 }, /"vocab_size"/],
    ['heads that do not divide', { ...llama, num_attention_heads: 5 }, /does not divide hidden_size/],
    ['groups that do not divide', { ...llama, num_key_value_heads: 3 }, /does not divide num_attention_heads/],
    ['a head no kernel can take', { ...llama, head_dim: 18 }, /head_dim.*multiple of 4/],
    [
      'heads beyond reason',
      { ...llama, num_attention_heads: 4096, num_key_value_heads: 1, head_dim: 4096 },
      /times head_dim/,
    ],
    ['epsilon of one', { ...llama, rms_norm_eps: 1 }, /"rms_norm_eps" is 1/],
    ['a negative theta', { ...llama, rope_theta: -1 }, /"rope_theta"/],
    ['a flag of text', { ...llama, tie_word_embeddings: 'yes' }, /"tie_word_embeddings" is "yes", not true or false/],
    ['a window of zero', { ...small, model_type: 'mistral', sliding_window: 0 }, /"sliding_window" is 0/],
    [
      'more weights than exist',
      { ...llama, hidden_size: 65_536, intermediate_size: 1 << 20, num_hidden_layers: 512 },
      /trillion/,
    ],
  ])('%s', (_, config, message) => {
    expect(() => parseArchitecture(config as never, 'm/config.json')).toThrow(message);
    expect(() => parseArchitecture(config as never, 'm/config.json')).toThrow(PayableError);
  });
});

test.each([
  [{ norm: 'layer', placement: 'post' }, /normalises outputs of blocks with LayerNorm/],
  [{ norm: 'layer', placement: 'sandwich' }, /normalises outputs of blocks with LayerNorm/],
  [{ norm: 'layer', normPlusOne: true }, /stored as differences/],
  [{ placement: 'parallel' }, /parallel blocks use RMSNorm/],
  [{ alibi: 'exact' }, /positions of more than one kind/],
  [{ learnedPositions: true }, /positions of more than one kind/],
] as const)('an architecture with %o is refused before anything is loaded', (change, message) => {
  const of = { ...parseArchitecture(llama), ...change };
  expect(() => checkArchitecture(of, 'm/config.json')).toThrow(
    expect.objectContaining({
      code: 'model/unsupported',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(/^(Choose|Check) /) as string,
    }) as Error,
  );
  expect(() => checkArchitecture(parseArchitecture(llama), 'm/config.json')).not.toThrow();
});
