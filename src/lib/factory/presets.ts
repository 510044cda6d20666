// Recipes to start from. The default one keeps training smooth: a large epsilon and a warm-up make the result change steadily with the
// data, so that the influence of rows can be computed from it.

import type { DataRecipe, Recipe } from './recipe.ts';

export type PresetName = 'traceable' | 'quick' | 'balanced' | 'thorough';

export interface Preset {
  recipe: Recipe;
  data: DataRecipe;
  /** Validations in the whole run. */
  validations: number;
  /** Validations without a better loss after which a job stops. */
  patience: number | null;
}

export const DEFAULT_PRESET: PresetName = 'traceable';

const BALANCED: Recipe = {
  ...{ kind: 'lora', rank: 16, alpha: 32, targets: null, layers: null },
  ...{ rate: 1e-4, schedule: 'cosine', warmup: 0.1, betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clip: 1 },
  ...{ epochs: 3, batch: 8, maxSteps: null, seed: 1 },
};
const DATA: DataRecipe = { length: 512, turns: 'all', joined: 0, validation: { share: 0.05, least: 20 }, seed: 1 };

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  // A large epsilon divides small gradients by nearly the same number, so the rate is higher than that of the other presets. Weight
  // decay would be an effect of no row.
  traceable: preset({ rate: 5e-4, epsilon: 1e-4, weightDecay: 0 }),
  quick: preset({ rank: 8, alpha: 16, rate: 2e-4, epochs: 1 }, { validations: 4, patience: null }),
  balanced: preset({}),
  thorough: preset({ rank: 32, alpha: 64, epochs: 5, batch: 16 }, { validations: 15, patience: 4 }),
};

function preset(recipe: Partial<Recipe>, run: Partial<Pick<Preset, 'validations' | 'patience'>> = {}): Preset {
  return { recipe: { ...BALANCED, ...recipe }, data: DATA, validations: 10, patience: 3, ...run };
}
