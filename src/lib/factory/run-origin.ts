// What a run was started from. A run goes on only from a checkpoint of the same origin: otherwise its result would be of two runs.

import { canonicalText } from '#lib/formats/json/canonical-json.ts';
import { RunMismatchError } from './errors.ts';
import type { DataRecipe, Recipe } from './recipe.ts';
import type { RunProgress } from './run-progress.ts';

export interface RunOrigin {
  /** sha256 (hex) over config and weights, and how the weights are kept. */
  base: { id: string; name: string; dtype: string };
  /** sha256 (hex) of the chat template; null where the model has none. */
  template: string | null;
  sources: OriginSource[];
  data: DataRecipe;
  jobs: OriginJob[];
  validations: number;
  patience: number | null;
}

/** What must be equal in all sessions of a run. */
type Compared = RunOrigin & { examples?: RunProgress['examples'] };

export interface OriginSource {
  name: string;
  /** Content id of the version, or sha256 (hex) of the file; null where it has none. */
  id: string | null;
  licence: string;
  rows: number;
  /** sha256 (hex) over the leaves of its rows, in the order in which they were read. */
  leaves: string;
}

export interface OriginJob {
  name: string;
  recipe: Recipe;
  /** sha256 (hex) over the PEFT files that it goes on from; null starts anew. */
  from: string | null;
  /** Places of its own sources in the list of sources, in their order; absent where it trains on all of them. */
  sources?: number[];
}

const WORDS: Readonly<Record<keyof Required<Compared>, string>> = {
  base: 'base model',
  template: 'chat template',
  sources: 'data',
  examples: 'tokenizer',
  data: 'data settings',
  jobs: 'recipe',
  validations: 'number of validations',
  patience: 'patience',
};

/** @throws RunMismatchError that names what differs */
export function requireSameOrigin(run: string, kept: Compared, now: Compared): void {
  const differs = (Object.keys(WORDS) as (keyof Compared)[]).filter(
    (key) => canonicalText({ of: kept[key] ?? null }, 'The run') !== canonicalText({ of: now[key] ?? null }, 'The run'),
  );
  if (differs.length > 0) throw new RunMismatchError(run, differs.map((key) => WORDS[key]).join(', '));
}
