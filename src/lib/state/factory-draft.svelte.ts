// The choices for a new training run: base, data, recipes. Recipes are checked as they change; nothing is read and nothing runs here.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { DEFAULT_PRESET, PRESETS, type PresetName } from '#lib/factory/presets.ts';
import { readDataRecipe, readRecipe } from '#lib/factory/read-recipe.ts';
import type { DataRecipe, Recipe } from '#lib/factory/recipe.ts';
import type { FactoryBase, FactorySource } from './factory-run.ts';
import type { FactoryChoices } from './factory-state.svelte.ts';
import { toProblem, type Problem } from './problem.ts';

export interface RecipeVariant {
  name: string;
  recipe: Recipe;
}

const NAMES = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'];
export const MOST_VARIANTS = NAMES.length;
export const MOST_PROMPTS = 3;
const MOST_VALIDATIONS = 1000;

export class FactoryDraft {
  name = $state('');
  base: FactoryBase | null = $state.raw({ kind: 'demo', name: 'Nano' });
  dtype: WeightDtype = $state('f16');
  sources: FactorySource[] = $state.raw([]);
  preset: PresetName = $state(DEFAULT_PRESET);
  variants: RecipeVariant[] = $state.raw([{ name: 'A', recipe: PRESETS[DEFAULT_PRESET].recipe }]);
  /** The variant whose settings are shown. */
  at = $state(0);
  data: DataRecipe = $state.raw(PRESETS[DEFAULT_PRESET].data);
  run: { validations: number; patience: number | null } = $state.raw(runOf(DEFAULT_PRESET));
  prompts: string[] = $state.raw([]);
  /** Why the settings cannot be used; the message names a field. */
  problem: Problem | null = $derived.by(() => this.#problem());

  get recipe(): Recipe {
    return this.variants[this.at]!.recipe;
  }

  /** Also puts all settings back to those of the preset, and keeps one variant. */
  choosePreset(preset: PresetName) {
    this.preset = preset;
    this.variants = [{ name: 'A', recipe: PRESETS[preset].recipe }];
    this.at = 0;
    this.data = PRESETS[preset].data;
    this.run = runOf(preset);
  }

  changeRecipe(changes: Partial<Recipe>) {
    this.variants = this.variants.map((one, at) =>
      at === this.at ? { ...one, recipe: { ...one.recipe, ...changes } } : one,
    );
  }

  /** A further variant that begins as the one shown. */
  addVariant() {
    if (this.variants.length >= MOST_VARIANTS) return;
    const used = this.variants.map(({ name }) => name);
    const name = NAMES.find((letter) => !used.includes(letter))!;
    this.variants = [...this.variants, { name, recipe: this.recipe }];
    this.at = this.variants.length - 1;
  }

  removeVariant(at: number) {
    if (this.variants.length === 1) return;
    this.variants = this.variants.filter((_, index) => index !== at);
    this.at = Math.min(this.at, this.variants.length - 1);
  }

  addSource(source: FactorySource) {
    if (!this.sources.some((one) => keyOf(one) === keyOf(source))) this.sources = [...this.sources, source];
  }

  removeSource(source: FactorySource) {
    this.sources = this.sources.filter((one) => one !== source);
  }

  /** Null while something is missing or wrong. */
  get choices(): FactoryChoices | null {
    const { base, dtype, sources, variants, data, run } = this;
    if (!base || sources.length === 0 || this.problem) return null;
    const name = this.name.trim() || listOf(sources);
    const jobs = variants.map((variant) => ({
      name: variants.length === 1 ? name : `${name} ${variant.name}`,
      recipe: variant.recipe,
      from: null,
    }));
    const prompts = this.prompts.map((prompt) => prompt.trim()).filter((prompt) => prompt !== '');
    return { name, base, dtype, sources, settings: { jobs, data, ...run, prompts } };
  }

  #problem(): Problem | null {
    const { validations, patience } = this.run;
    try {
      for (const { name, recipe } of this.variants)
        readRecipe({ ...recipe }, this.variants.length === 1 ? 'The recipe' : `Variant ${name}`);
      readDataRecipe({ ...this.data, validation: { ...this.data.validation } }, 'The data');
    } catch (error) {
      return toProblem(error);
    }
    const isCount = (value: number) => Number.isInteger(value) && value >= 1 && value <= MOST_VALIDATIONS;
    if (!isCount(validations))
      return { message: `Field "validations" is ${validations}.`, hint: `It takes 1 to ${MOST_VALIDATIONS}.` };
    if (patience !== null && !isCount(patience))
      return { message: `Field "patience" is ${patience}.`, hint: `It takes 1 to ${MOST_VALIDATIONS}, or nothing.` };
    return null;
  }
}

function runOf(preset: PresetName) {
  const { validations, patience } = PRESETS[preset];
  return { validations, patience };
}

const keyOf = (source: FactorySource): string =>
  source.kind === 'file'
    ? `file ${source.name} ${source.file.size}`
    : `${source.kind} ${source.id} ${source.kind === 'chain' ? `${source.chain} ${source.version}` : ''}`;

const listOf = (sources: readonly FactorySource[]): string =>
  sources
    .map(({ name }) => name)
    .join(', ')
    .slice(0, 60);
