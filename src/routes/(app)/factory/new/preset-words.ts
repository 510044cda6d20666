// What the presets are for, in words.

import { PRESETS, type PresetName } from '#lib/factory/presets.ts';

const WORDS: Record<PresetName, { name: string; about: string }> = {
  traceable: {
    name: 'Attribution-friendly',
    about: 'Learns steadily, so that later each answer can be traced to the rows that shaped it.',
  },
  quick: { name: 'Quick', about: 'A small adapter, every row once: to see whether the data works.' },
  balanced: { name: 'Balanced', about: 'Common settings of the field.' },
  thorough: {
    name: 'Thorough',
    about: 'A larger adapter, every row five times; ends early when it stops getting better.',
  },
};

export const PRESET_CHOICES = (Object.keys(WORDS) as PresetName[]).map((id) => {
  const { rank, epochs, rate } = PRESETS[id].recipe;
  return { id, ...WORDS[id], figures: `rank ${rank} · rate ${rate} · epochs ${epochs}` };
});
