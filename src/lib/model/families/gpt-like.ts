// What the families share that descend from GPT-2: LayerNorm, a feed-forward block without a gate, biases nearly everywhere,
// a tied head, and no rotation. Each family's file changes what it does otherwise.

import type { Architecture, LayerPlan } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';

/** The names by which a config may call a dimension; the first that is set counts. */
export interface GptFields {
  hidden: string[];
  heads: string[];
  layers: string[];
  ffn: string[];
  context: string[];
  epsilon: string;
  activation: string;
}

export const firstSet = (config: ConfigFields, fields: string[]): string =>
  fields.find((field) => (config.raw(field) ?? null) !== null) ?? fields[0]!;

/** Rotation, windows and other switches are neutral. */
export function readGptLike(
  config: ConfigFields,
  fields: GptFields,
  defaults: { family: string; contextLength: number; activation: Architecture['activation']; tiedHead: boolean },
): Omit<Architecture, 'plan'> {
  const size = (names: string[], max: number, fallback?: number) => config.size(firstSet(config, names), max, fallback);
  const hidden = size(fields.hidden, 65_536);
  const heads = size(fields.heads, 4096);
  const headDim = hidden / heads;
  if (!Number.isInteger(headDim))
    config.fail(firstSet(config, fields.heads), `is ${heads}, which does not divide the width (${hidden})`);
  return {
    family: defaults.family,
    layers: size(fields.layers, 512),
    hidden,
    heads,
    kvHeads: heads,
    headDim,
    ffn: fields.ffn.length === 0 ? 4 * hidden : size(fields.ffn, 1 << 20, 4 * hidden),
    vocab: config.size('vocab_size', 2_000_000),
    contextLength: size(fields.context, 2 ** 31, defaults.contextLength),
    activation: config.activation([fields.activation], defaults.activation),
    ffnKind: 'plain',
    norm: 'layer',
    normEps: config.number(fields.epsilon, 1e-12, 0.1, 1e-5),
    normPlusOne: false,
    placement: 'pre',
    sharesNorm: false,
    embeddingNorm: false,
    qkvBias: true,
    outputBias: true,
    mlpBias: true,
    headBias: false,
    qkNorm: 'none',
    learnedPositions: false,
    alibi: 'none',
    ropeDim: 0,
    ropePairing: 'half',
    queryGrowth: null,
    attentionScale: headDim ** -0.5,
    attentionSoftcap: null,
    logitSoftcap: null,
    embeddingScale: 1,
    residualScale: 1,
    logitScale: 1,
    latent: null,
    experts: null,
    tiedHead: config.flag('tie_word_embeddings', defaults.tiedHead),
  };
}

/** Refuses a flag that asks for what is not computed. */
export function refuseFlag(config: ConfigFields, field: string, hint: string): void {
  if (config.flag(field, false)) config.refuse(field, 'is true, which is not supported', hint);
}

/** Layers that do not rotate, with these windows. */
export const restingPlan = (windows: readonly (number | null)[]): LayerPlan[] =>
  windows.map((window) => ({ rope: null, window }));
