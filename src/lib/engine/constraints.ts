// What a request and the model's files together constrain: for the whole model the lists, for one request four numbers.

import type { GenerationRules } from '#lib/model/generation-rules.ts';
import type { Constraint, ConstraintLists } from '#lib/webgpu/kernels/constrain/constrain.ts';
import type { SamplingSettings } from './engine.ts';

export function constraintLists(rules: GenerationRules, stopIds: ReadonlySet<number>): ConstraintLists {
  const { suppress, beginSuppress, forcedBos, forcedEos, badWords, biases } = rules;
  return {
    suppress,
    beginSuppress,
    stop: [...stopIds],
    forcedBos,
    forcedEos,
    // A stop token by itself is no bad word, or no answer would end.
    badWords: badWords.filter((ids) => ids.length > 1 || !stopIds.has(ids[0]!)),
    biases,
  };
}

/** Null where nothing is constrained: such a request costs nothing. */
export function constraintOf(
  rules: GenerationRules,
  { noRepeatNgramSize, minNewTokens }: Pick<Required<SamplingSettings>, 'noRepeatNgramSize' | 'minNewTokens'>,
  promptTokens: number,
  maxTokens: number,
): Constraint | null {
  const { suppress, beginSuppress, badWords, biases, forcedBos, forcedEos, minLength } = rules;
  const lists = [suppress, beginSuppress, badWords, biases, forcedBos, forcedEos];
  if (noRepeatNgramSize === 0 && minNewTokens === 0 && minLength === 0 && lists.every(({ length }) => length === 0))
    return null;
  return {
    beginAt: promptTokens > 1 || forcedBos.length === 0 ? promptTokens : promptTokens + 1,
    ngram: noRepeatNgramSize,
    minLength: Math.max(minLength, minNewTokens > 0 ? promptTokens + minNewTokens : 0),
    forcedAt: forcedEos.length > 0 ? promptTokens + maxTokens - 1 : 0,
  };
}
