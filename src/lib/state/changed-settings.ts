// The sampling settings that differ from their defaults, in words. They are shown beside the question, because settings last from
// session to session.

import type { SamplingSettings } from '#lib/engine/engine.ts';
import { counted } from '#lib/core/count-words.ts';
import { DEFAULTS, type Settings } from './settings.svelte.ts';

const WORDS: { [Key in keyof Settings]?: (value: NonNullable<Settings[Key]>) => string } = {
  temperature: (value) => `temperature ${value}`,
  topK: (value) => `top-k ${value}`,
  topP: (value) => `top-p ${value}`,
  minP: (value) => `min-p ${value}`,
  repetitionPenalty: (value) => `repetition penalty ${value}`,
  presencePenalty: (value) => `presence penalty ${value}`,
  frequencyPenalty: (value) => `frequency penalty ${value}`,
  seed: (value) => `seed ${value}`,
  maxTokens: (value) => `at most ${counted(value, 'token')}`,
  stop: (value) =>
    counted(value.split('\n').filter((line) => line !== '').length, 'text to stop at', 'texts to stop at'),
  system: () => 'a system message',
};

export const changedSettings = (values: Settings): string[] =>
  Object.entries(WORDS).flatMap(([key, words]) => {
    const value = values[key as keyof Settings];
    if (value === DEFAULTS[key as keyof Settings] || value === null) return [];
    return [(words as (value: unknown) => string)(value)];
  });

/** Why answering again gave the same answer. */
export function sameAnswerWords(
  { temperature = 0 }: Pick<SamplingSettings, 'temperature'>,
  seed: number | null,
): string {
  if (temperature === 0) {
    return 'It is the same again: at temperature 0 the likeliest token is always taken. A higher temperature lets answers differ.';
  }
  return seed === null
    ? 'It is the same again, by chance: another seed was drawn.'
    : `It is the same again: the seed is fixed at ${seed}. Without a fixed seed answers differ.`;
}
