// config.json of a model in a GGUF file, from its metadata and the shapes of its tensors.

import { UnsupportedError } from '#lib/formats/errors.ts';
import type { GgufTensor } from '#lib/formats/model/gguf-header.ts';
import type { GgufFields } from './gguf-fields.ts';
import type { GgufArchitecture } from './gguf-names.ts';

/** Factors by which llama.cpp divides the frequencies of a head, by tensor. */
export type RotationTables = ReadonlyMap<string, Float32Array>;

interface Sources {
  fields: GgufFields;
  architecture: GgufArchitecture;
  tensors: ReadonlyMap<string, GgufTensor>;
  rotations: RotationTables;
}

interface HeadSizes {
  heads: number;
  kvHeads: number;
  headDim: number;
}

export function ggufHeads(fields: GgufFields): HeadSizes {
  const heads = fields.number('.attention.head_count');
  const kvHeads = fields.number('.attention.head_count_kv', heads);
  const headDim = fields.number('.attention.key_length', fields.number('.embedding_length') / heads);
  return { heads, kvHeads, headDim };
}

export function ggufConfig(sources: Sources): Record<string, unknown> {
  const { fields, architecture, tensors } = sources;
  const refuse = (field: string, what: string): never => {
    throw new UnsupportedError(
      fields.file,
      `field "${fields.architecture}.${field}" ${what}`,
      'Choose a model without this setting.',
    );
  };
  if ((fields.numberOrNull('.expert_count') ?? 0) > 0) refuse('expert_count', 'is set: the model has experts');
  const { heads, kvHeads, headDim } = ggufHeads(fields);
  if (fields.number('.attention.value_length', headDim) !== headDim)
    refuse('attention.value_length', 'is not the length of a key');
  const rotated = fields.number('.rope.dimension_count', headDim);
  if (rotated !== headDim && architecture.modelType !== 'phi3')
    refuse('rope.dimension_count', `is ${rotated} of ${headDim}`);
  const hasBias = (module: string) => tensors.has(`blk.0.${module}.bias`);
  return {
    model_type: architecture.modelType,
    vocab_size: tensors.get('token_embd.weight')?.shape[0],
    hidden_size: fields.number('.embedding_length'),
    intermediate_size: fields.number('.feed_forward_length'),
    num_hidden_layers: fields.number('.block_count'),
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: headDim,
    max_position_embeddings: fields.number('.context_length'),
    rms_norm_eps: fields.number('.attention.layer_norm_rms_epsilon'),
    hidden_act: architecture.normPlusOne ? 'gelu_pytorch_tanh' : 'silu',
    tie_word_embeddings: !tensors.has('output.weight'),
    attention_bias: architecture.modelType === 'llama' && hasBias('attn_output'),
    mlp_bias: architecture.modelType === 'llama' && hasBias('ffn_up'),
    rope_theta: fields.number('.rope.freq_base', 10_000),
    ...ofFamily(sources, { heads, kvHeads, headDim }),
    ...rotation(sources),
  };
}

/** What llama.cpp derives from the size of a model, and what metadata has of one family only. */
function ofFamily({ fields, architecture }: Sources, { heads, headDim }: HeadSizes): Record<string, unknown> {
  const layers = fields.number('.block_count');
  switch (architecture.modelType) {
    case 'gemma2':
    case 'gemma3_text': {
      // Only the models of 27B scale scores by another width than that of a head; no field says so.
      const isGreatest = layers === (architecture.modelType === 'gemma2' ? 46 : 62);
      return {
        hidden_activation: 'gelu_pytorch_tanh',
        query_pre_attn_scalar: isGreatest ? fields.number('.embedding_length') / heads : headDim,
        sliding_window: fields.number('.attention.sliding_window', 4096),
        ...(architecture.modelType === 'gemma2' && {
          attn_logit_softcapping: fields.number('.attn_logit_softcapping', 50),
          final_logit_softcapping: fields.number('.final_logit_softcapping', 30),
        }),
        ...(architecture.modelType === 'gemma3_text' && {
          rope_theta: fields.number('.rope.freq_base', 1_000_000),
          rope_local_base_freq: fields.number('.rope.freq_base_swa', 10_000),
        }),
      };
    }
    case 'phi3':
      return {
        partial_rotary_factor: fields.number('.rope.dimension_count', headDim) / headDim,
        sliding_window: fields.numberOrNull('.attention.sliding_window') || null,
        original_max_position_embeddings: fields.number(
          '.rope.scaling.original_context_length',
          fields.number('.context_length'),
        ),
      };
    default:
      return {};
  }
}

function rotation({ fields, rotations }: Sources): Record<string, unknown> {
  const context = fields.number('.context_length');
  const original = fields.number('.rope.scaling.original_context_length', context);
  const [short, long] = [rotations.get('rope_factors_short.weight'), rotations.get('rope_factors_long.weight')];
  if (short && long) {
    const attention = fields.numberOrNull('.rope.scaling.attn_factor');
    return {
      rope_scaling: {
        rope_type: 'longrope',
        short_factor: [...short],
        long_factor: [...long],
        ...(attention !== null && { attention_factor: attention }),
      },
    };
  }
  const factors = rotations.get('rope_freqs.weight');
  if (factors) return { rope_scaling: llama3Scaling(factors, fields) };
  const type = fields.text('.rope.scaling.type') ?? 'none';
  const factor = fields.numberOrNull('.rope.scaling.factor') ?? fields.numberOrNull('.rope.scale_linear') ?? 1;
  if (type === 'none' || factor === 1) return {};
  if (type === 'linear') return { rope_scaling: { rope_type: 'linear', factor } };
  if (type === 'yarn') {
    return { rope_scaling: { rope_type: 'yarn', factor, original_max_position_embeddings: original } };
  }
  throw new UnsupportedError(
    fields.file,
    `field "${fields.architecture}.rope.scaling.type" is "${type.slice(0, 40)}"`,
    'Read are none, linear, yarn, and the tables of LLaMA 3 and Phi-3.',
  );
}

/** LLaMA 3 divides low frequencies by a factor, leaves high ones and blends between. llama.cpp keeps only the results. */
function llama3Scaling(factors: Float32Array, fields: GgufFields): Record<string, unknown> {
  const [low, high, original] = [1, 4, 8192];
  const factor = factors.reduce((top, value) => Math.max(top, value), 1);
  const theta = fields.number('.rope.freq_base', 10_000);
  const fits = factors.every((given, i) => {
    const wavelength = 2 * Math.PI * theta ** (i / factors.length);
    const blend = Math.min(1, Math.max(0, (original / wavelength - low) / (high - low)));
    const expected = 1 / ((1 - blend) / factor + blend);
    return Math.abs(given - expected) < 1e-3 * expected;
  });
  if (!fits) {
    throw new UnsupportedError(
      fields.file,
      'tensor "rope_freqs.weight" is not the rotation of a LLaMA 3 model',
      'Open the model as a Hugging Face folder, whose config.json says how it rotates.',
    );
  }
  return {
    rope_type: 'llama3',
    factor,
    low_freq_factor: low,
    high_freq_factor: high,
    original_max_position_embeddings: original,
  };
}
