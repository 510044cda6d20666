// Reads config.json of a Hugging Face folder, in the hub dialect and the v5 dialect, into a checked Architecture. Fields of
// single families are read in families/.

import type { Folder } from '#lib/core/folder.ts';
import { isJsonObject, readJsonFile, type JsonObject } from '#lib/formats/json/json-file.ts';
import { isPackedForm, quantisationOf, refusedForm } from '#lib/formats/model/quantised/quantisation.ts';
import type { Architecture } from './architecture.ts';
import { atLayer, widest } from './at-layer.ts';
import { createConfigFields } from './config-fields.ts';
import { ConfigError, MLX_HINT, UnsupportedModelError } from './errors.ts';
import { familyOf, supportedModelTypes } from './families/families.ts';

/** Fields that change a model's output and that no family here implements. */
const REFUSED: Record<string, string> = {
  quantization: MLX_HINT,
  attention_sinks: 'Models with attention sinks are not supported.',
  attn_sinks: 'Models with attention sinks are not supported.',
  use_bidirectional_attention: 'Only causal language models are supported.',
  clip_qkv: 'Models that clip queries and keys are not supported.',
  logits_processor: 'Remove it; sampling is set per request.',
};

export async function readArchitecture(folder: Folder): Promise<Architecture> {
  return parseArchitecture(await readJsonFile(folder, 'config.json'), `${folder.name}/config.json`);
}

/** The architecture that a config describes; absent fields take the family's defaults, as its authors defined them. */
export function parseArchitecture(config: JsonObject, file = 'config.json'): Architecture {
  const text = flatten(config, file);
  const modelType = text['model_type'];
  if (typeof modelType !== 'string') throw new ConfigError(file, 'model_type', 'is missing');
  const family = familyOf(modelType);
  if (!family) {
    throw new UnsupportedModelError(
      file,
      'model_type',
      `is "${modelType.slice(0, 60)}", which is not supported`,
      `Supported: ${supportedModelTypes().join(', ')}.`,
    );
  }
  for (const [field, hint] of Object.entries(REFUSED)) {
    // Of the text alone, without images, such a model is causal.
    const isOfImages = field === 'use_bidirectional_attention' && text[field] === 'vision';
    if (isSet(text[field]) && !isOfImages) {
      throw new UnsupportedModelError(
        file,
        field,
        `is set (${JSON.stringify(text[field]).slice(0, 80)}), which is not supported`,
        hint,
      );
    }
  }
  if (text['is_causal'] === false) {
    throw new UnsupportedModelError(file, 'is_causal', 'is false', 'Only causal language models are supported.');
  }
  checkQuantisation(text, file);
  const architecture = family.readArchitecture(createConfigFields(text, file));
  checkArchitecture(architecture, file);
  const form = quantisationOf(text);
  if (form && isPackedForm(form) && family.names(architecture).isTransposed) {
    // Those that quantise turn the matrices first, and a square one does not show it.
    throw new UnsupportedModelError(
      file,
      'quantization_config',
      'is set for a model with transposed matrices, which is not supported',
      'Use the checkpoint in 16 bits; weights are quantised while they load.',
    );
  }
  return architecture;
}

/** Multimodal repositories nest the language model; its fields take precedence over the outer ones. */
function flatten(config: JsonObject, file: string): JsonObject {
  const nested = config['text_config'];
  if (nested === undefined || nested === null) return config;
  if (!isJsonObject(nested)) throw new ConfigError(file, 'text_config', 'is not an object');
  return { ...config, ...nested };
}

const isSet = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== false &&
  value !== 0 &&
  !(Array.isArray(value) && value.length === 0);

/** Refuses a quantisation of weights that no reader of files undoes. */
function checkQuantisation(text: JsonObject, file: string): void {
  for (const field of ['quantization_config', 'compression_config']) {
    const form = text[field];
    if (!isSet(form)) continue;
    if (!isJsonObject(form)) throw new ConfigError(file, field, 'is not an object');
    const refused = refusedForm(form);
    if (!refused) continue;
    const value = refused.field === null ? form : (form[refused.field] ?? null);
    throw new UnsupportedModelError(
      file,
      refused.field === null ? field : `${field}.${refused.field}`,
      `is set (${JSON.stringify(value).slice(0, 80)}), which is not supported`,
      refused.hint,
    );
  }
}

/** Refuses settings that the decoder does not compute and inconsistent sizes, for every family. */
export function checkArchitecture(a: Architecture, file: string): void {
  const fail = (field: string, what: string): never => {
    throw new ConfigError(file, field, what);
  };
  refuseUncomputed(a, (what, hint) => {
    throw new UnsupportedModelError(file, 'model_type', `is of family "${a.family}", ${what}`, hint);
  });
  for (const layer of a.plan.keys()) checkLayer(atLayer(a, layer), fail);
  if (a.plan.length !== a.layers) fail('layer_types', `plans ${a.plan.length} layers of ${a.layers}`);
  const { experts, ffn, headDim } = widest(a);
  if (a.layers * (ffn + (experts ? experts.count * experts.ffn : 0) + a.heads * headDim) * a.hidden > 2 ** 42)
    fail('num_hidden_layers', 'and the widths ask for more than 4 trillion weights');
}

function checkLayer(a: Architecture, fail: (field: string, what: string) => never): void {
  if (a.heads % a.kvHeads !== 0)
    fail('num_key_value_heads', `is ${a.kvHeads}, which does not divide num_attention_heads (${a.heads})`);
  const { experts } = a;
  const fours = {
    hidden_size: a.hidden,
    intermediate_size: a.ffn,
    q_lora_rank: a.latent?.queryRank ?? 0,
    kv_lora_rank: a.latent?.kvRank ?? 0,
    qk_nope_head_dim: a.latent?.nopeDim ?? 0,
    qk_rope_head_dim: a.latent ? a.ropeDim : 0,
    v_head_dim: a.latent?.valueDim ?? 0,
    // The sum of two of those where there is a latent.
    head_dim: a.headDim,
    moe_intermediate_size: experts?.ffn ?? 0,
    shared_expert_intermediate_size: experts?.sharedFfn ?? 0,
  };
  for (const [field, size] of Object.entries(fours)) {
    if (size % 4 !== 0) fail(field, `is ${size}; the kernels work on four numbers at a time and need a multiple of 4`);
  }
  if (a.heads * a.headDim > 1 << 20)
    fail('num_attention_heads', `times head_dim is ${a.heads * a.headDim}, above 1,048,576`);
  if (a.latent && a.latent.valueDim > a.headDim)
    fail('v_head_dim', `is ${a.latent.valueDim}, more than a key has (${a.headDim})`);
  const rotates = a.plan.some(({ rope }) => rope !== null);
  if (rotates && (a.ropeDim < 2 || a.ropeDim > a.headDim || a.ropeDim % 2 !== 0)) {
    fail('partial_rotary_factor', `gives ${a.ropeDim} rotating components of ${a.headDim}`);
  }
}

/** Combinations of switches that no kernel computes. */
function refuseUncomputed(a: Architecture, refuse: (what: string, hint: string) => never): void {
  const hasOutNorms = a.placement === 'post' || a.placement === 'sandwich';
  if (a.norm === 'layer' && hasOutNorms)
    refuse(
      'which normalises outputs of blocks with LayerNorm, and that is not computed',
      'Choose a model with RMSNorm.',
    );
  if (a.norm === 'layer' && a.normPlusOne)
    refuse('whose LayerNorm weights are stored as differences, which is not computed', 'Check model_type.');
  if (a.norm === 'rms' && a.placement === 'parallel')
    refuse('whose parallel blocks use RMSNorm, which is not computed', 'Choose a model with LayerNorm.');
  if (a.experts && (a.ffnKind !== 'gated' || a.placement !== 'pre' || a.mlpBias))
    refuse('whose experts have biases, norms after them, or no gate, which is not computed', 'Check model_type.');
  const rotates = a.plan.some(({ rope }) => rope !== null);
  if ([rotates, a.alibi !== 'none', a.learnedPositions].filter(Boolean).length > 1)
    refuse('which has positions of more than one kind, and that is not computed', 'Check the fields of config.json.');
}
