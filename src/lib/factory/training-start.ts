// Checks what a run is given, and says to the engine how its adapters begin.

import type { FolderRef } from '#lib/core/folder.ts';
import type { DeviceInfo } from '#lib/engine/engine.ts';
import type { TrainingStart } from '#lib/engine/training/training-host.ts';
import { RecipeError } from './errors.ts';
import type { Recipe } from './recipe.ts';
import { MAX_JOBS } from './training-manifest.ts';

interface Job {
  name: string;
  recipe: Recipe;
  from: FolderRef | null;
  sources?: readonly number[] | undefined;
}

interface Settings {
  jobs: readonly Job[];
  validations: number;
  patience: number | null;
  prompts: readonly string[];
}

const MAX_VALIDATIONS = 1000;
const MAX_PROMPTS = 10;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u;

/** @throws RecipeError */
export function checkRun(
  run: string,
  sources: readonly unknown[],
  { jobs, validations, patience, prompts }: Settings,
): void {
  const isCount = (value: number, most: number) => Number.isSafeInteger(value) && value >= 1 && value <= most;
  const wrong = jobs.find(({ name }) => !NAME.test(name));
  const twice = jobs.find(({ name }, at) => jobs.findIndex((job) => job.name === name) < at);
  const isPlaces = (places: readonly number[]) =>
    places.length > 0 &&
    new Set(places).size === places.length &&
    places.every((place) => Number.isInteger(place) && place >= 0 && place < sources.length);
  const astray = jobs.find((job) => job.sources && !isPlaces(job.sources));
  const unused = sources.findIndex((_, place) => jobs.every((job) => job.sources?.includes(place) === false));
  const problems: readonly [boolean, string, string][] = [
    [!/^[\w-]{1,100}$/.test(run), `A run cannot be named "${run.slice(0, 60)}".`, 'Use letters, digits, "-" and "_".'],
    [!isCount(jobs.length, MAX_JOBS), `The run has ${jobs.length} recipes.`, `Give 1 to ${MAX_JOBS}.`],
    [
      wrong !== undefined,
      `An adapter cannot be named "${wrong?.name.slice(0, 60)}".`,
      'Begin with a letter or a digit; then letters, digits, blanks, ".", "_" and "-".',
    ],
    [twice !== undefined, `Two adapters are named "${twice?.name}".`, 'Give each a name of its own.'],
    [
      !isCount(validations, MAX_VALIDATIONS),
      `The run has ${validations} validations.`,
      `Choose 1 to ${MAX_VALIDATIONS}.`,
    ],
    [
      patience !== null && !isCount(patience, MAX_VALIDATIONS),
      `The patience is ${patience} validations.`,
      `Choose 1 to ${MAX_VALIDATIONS}, or none.`,
    ],
    [
      astray !== undefined,
      `Adapter ${astray?.name} names sources ${astray?.sources?.join(', ') || 'none'} of ${sources.length}.`,
      'Name each of its sources once.',
    ],
    [unused >= 0, `No adapter is trained on source ${unused + 1}.`, 'Leave it out, or name it for an adapter.'],
    [prompts.length > MAX_PROMPTS, `There are ${prompts.length} prompts.`, `Choose at most ${MAX_PROMPTS}.`],
  ];
  const found = problems.find(([isWrong]) => isWrong);
  if (found) throw new RecipeError(found[1], found[2]);
}

export function startOf({ name, from }: Pick<Job, 'name' | 'from'>, recipe: Recipe): TrainingStart {
  if (from) return { folder: from };
  const { kind, rank, alpha, targets, layers, seed } = recipe;
  return { fresh: { name, kind, rank, alpha, ...(targets && { targets }), ...(layers && { layers }), seed } };
}

/** One line that names a device; equal devices have equal lines. */
export const deviceWords = ({ kind, vendor, architecture, description }: DeviceInfo): string =>
  [kind, vendor, architecture, description]
    .filter((word) => word !== '')
    .join(' ')
    .slice(0, 300);
