// The changed settings that are named beside the question.

import { expect, it } from 'vitest';
import { changedSettings, sameAnswerWords } from './changed-settings.ts';
import { DEFAULTS } from './settings.svelte.ts';

it('the defaults are not named, nor settings of the next model', () => {
  expect(changedSettings({ ...DEFAULTS, dtype: 'q4', contextLength: 9000 })).toEqual([]);
});

it('each changed setting is named with its value', () => {
  const changed = {
    ...{ temperature: 2, topK: 5, topP: 0.9, minP: 0.1, repetitionPenalty: 1.1, presencePenalty: 0.5 },
    ...{ frequencyPenalty: -0.5, seed: 0, maxTokens: 1, stop: 'END\n', system: 'Be brief.' },
  };
  const words = changedSettings({ ...DEFAULTS, ...changed });
  expect(words).toHaveLength(Object.keys(changed).length);
  expect(words.join(', ')).toBe(
    'temperature 2, top-k 5, top-p 0.9, min-p 0.1, repetition penalty 1.1, presence penalty 0.5, frequency penalty -0.5, seed 0, at most 1 token, 1 text to stop at, a system message',
  );
});

it('the reason for a repeated answer follows from temperature and seed', () => {
  expect(sameAnswerWords({ temperature: 0 }, 7)).toContain('at temperature 0');
  expect(sameAnswerWords({ temperature: 1 }, 7)).toContain('fixed at 7');
  expect(sameAnswerWords({ temperature: 1 }, null)).toContain('by chance');
});
