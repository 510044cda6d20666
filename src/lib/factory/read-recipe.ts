// Recipes from outside: each field is checked against its bounds, and a field that is not known is refused by name.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { RecipeError } from './errors.ts';
import { LENGTH_BUCKETS } from './pack-segments.ts';
import { LEAST_LENGTH } from './prepare-data.ts';
import type { DataRecipe, Recipe } from './recipe.ts';

type Check = (value: unknown) => string | null;
type Checks<Of> = Readonly<Record<keyof Of, Check>>;

const MAX_NAMES = 100;
const MAX_LAYERS = 1000;
const MAX_SEED = 2 ** 32 - 1;

const number =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most ? null : `a number from ${least} to ${most}`;
const whole =
  (least: number, most: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? null
      : `a whole number from ${least} to ${most}`;
const oneOf =
  (...accepted: string[]): Check =>
  (value) =>
    accepted.includes(value as string) ? null : `one of ${accepted.join(', ')}`;
const orNull =
  (check: Check): Check =>
  (value) => {
    const wanted = value === null ? null : check(value);
    return wanted === null ? null : `${wanted}, or null`;
  };
const listOf =
  (what: string, most: number, isEntry: (entry: unknown) => boolean): Check =>
  (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= most &&
    new Set(value).size === value.length &&
    value.every(isEntry)
      ? null
      : what;

const RECIPE: Checks<Recipe> = {
  kind: oneOf('lora', 'rslora', 'dora'),
  rank: whole(1, 256),
  alpha: number(0.001, 4096),
  targets: orNull(
    listOf(
      'a list of names of modules, each once',
      MAX_NAMES,
      (name) => typeof name === 'string' && /^[\w.]{1,100}$/.test(name),
    ),
  ),
  layers: orNull(
    listOf('a list of numbers of layers, each once', MAX_LAYERS, (layer) => whole(0, MAX_LAYERS - 1)(layer) === null),
  ),
  rate: number(1e-8, 1),
  schedule: oneOf('cosine', 'linear', 'constant'),
  warmup: number(0, 1),
  betas: (value) =>
    Array.isArray(value) && value.length === 2 && value.every((beta) => number(0, 0.99999)(beta) === null)
      ? null
      : 'two numbers from 0 to 0.99999',
  epsilon: number(1e-12, 1),
  weightDecay: number(0, 1),
  clip: number(0, 1e6),
  epochs: whole(1, 1000),
  batch: whole(1, 1024),
  maxSteps: orNull(whole(1, 1_000_000)),
  seed: whole(0, MAX_SEED),
};

const DATA: Checks<DataRecipe> = {
  length: whole(LEAST_LENGTH, LENGTH_BUCKETS.at(-1)!),
  turns: oneOf('all', 'last'),
  joined: number(0, 1),
  validation: (value) => {
    const isRight =
      isJsonObject(value) &&
      Object.keys(value).sort().join() === 'least,share' &&
      number(0, 0.9)(value['share']) === null &&
      whole(0, 100_000)(value['least']) === null;
    return isRight ? null : '{"share": a number from 0 to 0.9, "least": a whole number from 0 to 100000}';
  },
  seed: whole(0, MAX_SEED),
};

/**
 * @param base has the fields that `value` leaves out; without it `value` must have all
 * @param where is used in errors
 * @throws RecipeError
 */
export const readRecipe = (value: JsonObject, where: string, base: Partial<Recipe> = {}): Recipe =>
  read(value, where, RECIPE, base);

/** The same for how rows become examples. @throws RecipeError */
export const readDataRecipe = (value: JsonObject, where: string, base: Partial<DataRecipe> = {}): DataRecipe =>
  read(value, where, DATA, base);

function read<Of extends object>(value: JsonObject, where: string, checks: Checks<Of>, base: Partial<Of>): Of {
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined) {
    throw new RecipeError(
      `${where} has the field "${unknown.slice(0, 60)}", which a recipe does not have.`,
      `Fields are ${Object.keys(checks).join(', ')}.`,
    );
  }
  const whole: Record<string, unknown> = { ...base, ...value };
  for (const [name, check] of Object.entries<Check>(checks)) {
    const wanted = check(whole[name]);
    if (wanted === null) continue;
    const given = whole[name] === undefined ? 'is missing' : `is ${JSON.stringify(whole[name]).slice(0, 80)}`;
    throw new RecipeError(`${where}: field "${name}" ${given}.`, `It takes ${wanted}.`);
  }
  return whole as Of;
}
