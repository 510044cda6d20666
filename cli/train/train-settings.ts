// What a training is given on the command line: a preset, a file that changes it, a file of several recipes, and single options.

import { readDataRecipe, readRecipe } from '#lib/factory/read-recipe.ts';
import { DEFAULT_PRESET, PRESETS, type PresetName } from '#lib/factory/presets.ts';
import type { DataRecipe, Recipe } from '#lib/factory/recipe.ts';
import type { RunSettings, TrainJob } from '#lib/flows/train-event.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { FormatError } from '#lib/formats/errors.ts';
import type { OptionTypes, OptionValues } from '../command.ts';
import { UsageError } from '../errors.ts';
import { readInput, readJsonInput, readJsonLines, requireDirectory } from '../input-files.ts';
import * as option from '../option-values.ts';

export const SETTINGS_OPTIONS = {
  ...{ preset: { type: 'string' }, recipe: { type: 'string' }, jobs: { type: 'string' }, name: { type: 'string' } },
  ...{ from: { type: 'string' }, steps: { type: 'string' }, samples: { type: 'string' } },
} satisfies OptionTypes;

export const SETTINGS_HELP = `  --preset NAME          ${Object.keys(PRESETS).join(', ')}; default ${DEFAULT_PRESET}, which influence of rows can be computed for
  --recipe F.json        fields that differ from the preset: kind, rank, alpha, targets, layers, rate, schedule, warmup, betas,
                         epsilon, weightDecay, clip, epochs, batch, maxSteps, seed; "validations", "patience"; and in "data":
                         length, turns, joined, validation, seed
  --jobs F.jsonl         up to eight adapters that train together: in each line "name", and where they differ "from", "data" (one source
                         or a list, as after --data), "recipe" (an object or a file) or single fields of it
  --name NAME            of the adapter; default "adapter"
  --from DIR             a PEFT directory that goes on learning
  --steps N              at most N steps
  --samples F.txt        prompts, one a line, that are answered at each validation`;

const MAX_MANY = 1000;

interface Base {
  recipe: Recipe;
  data: DataRecipe;
  validations: number;
  patience: number | null;
}

export interface TrainSettings {
  settings: RunSettings;
  /** Sources as they were named: those after --data, then those of single adapters. */
  data: string[];
}

/**
 * @param shared sources of adapters without data of their own
 *
 * @throws RecipeError, FormatError, FileError, UsageError
 */
export function readSettings(values: OptionValues, shared: readonly string[]): TrainSettings {
  const preset = PRESETS[option.oneOf(values, 'preset', Object.keys(PRESETS) as PresetName[], DEFAULT_PRESET)];
  const file = option.text(values, 'recipe');
  const base = file === undefined ? preset : readFile(file, preset);
  const steps = option.whole(values, 'steps', 1, 1_000_000);
  const recipe = steps === undefined ? base.recipe : { ...base.recipe, maxSteps: steps };
  const jobsFile = option.text(values, 'jobs');
  const from = option.text(values, 'from');
  const given: NamedJob[] =
    jobsFile === undefined
      ? [{ name: option.text(values, 'name') ?? 'adapter', recipe, from: folder(from), own: null }]
      : readJsonLines(jobsFile).map(({ value, line }) => readJob(value, `${jobsFile} line ${line}`, recipe));
  const names = [...new Set([...shared, ...given.flatMap(({ own }) => own ?? [])])];
  const hasOwn = given.some(({ own }) => own !== null);
  const jobs = given.map(({ own, ...job }): TrainJob => {
    const mine = own ?? shared;
    if (mine.length === 0)
      throw new UsageError(
        `There is no data for adapter ${job.name}.`,
        'Name a file or a directory with rows after --data.',
      );
    return hasOwn ? { ...job, sources: mine.map((name) => names.indexOf(name)) } : job;
  });
  const { data, validations, patience } = base;
  const samples = option.text(values, 'samples');
  const prompts =
    samples === undefined
      ? []
      : readInput(samples)
          .split('\n')
          .map((line) => line.trim());
  const settings = { jobs, data, validations, patience, prompts: prompts.filter((line) => line !== '') };
  return { settings, data: names };
}

function readFile(file: string, preset: Base): Base {
  const { data = {}, validations, patience, ...recipe } = readJsonInput(file);
  if (!isJsonObject(data)) throw new FormatError(file, 'field "data" is not an object');
  return {
    recipe: readRecipe(recipe, file, preset.recipe),
    data: readDataRecipe(data, `${file}: field "data"`, preset.data),
    validations: count(validations, file, 'validations', preset.validations)!,
    patience: patience === null ? null : count(patience, file, 'patience', preset.patience),
  };
}

function count(value: unknown, file: string, field: string, fallback: number | null): number | null {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= MAX_MANY) return value as number;
  throw new FormatError(file, `field "${field}" is not a whole number from 1 to ${MAX_MANY}`);
}

interface NamedJob extends Omit<TrainJob, 'sources'> {
  /** Its own sources, as they were named. */
  own: string[] | null;
}

function readJob({ name, from, data, recipe = {}, ...fields }: JsonObject, where: string, base: Recipe): NamedJob {
  if (typeof name !== 'string') throw new FormatError(where, 'field "name" is not a text');
  if (from !== undefined && typeof from !== 'string') throw new FormatError(where, 'field "from" is not a directory');
  const own = typeof data === 'string' ? [data] : data;
  const isNames = Array.isArray(own) && own.length > 0 && own.every((one) => typeof one === 'string');
  if (own !== undefined && !isNames)
    throw new FormatError(where, 'field "data" is neither a source nor a list of sources');
  const changes = typeof recipe === 'string' ? readJsonInput(recipe) : recipe;
  if (!isJsonObject(changes)) throw new FormatError(where, 'field "recipe" is neither an object nor a file');
  return {
    ...{ name, recipe: readRecipe({ ...changes, ...fields }, where, base), from: folder(from) },
    own: isNames ? [...new Set(own)] : null,
  };
}

const folder = (path: string | undefined) =>
  path === undefined
    ? null
    : ({ kind: 'directory', path: requireDirectory(path, 'a PEFT adapter directory') } as const);
