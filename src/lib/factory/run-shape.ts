// What a run asks of the GPU's memory, and what it gives up, one thing after the other, when that is too much.

import type { DataRecipe, Recipe } from './recipe.ts';
import { bucketFor, LENGTH_BUCKETS, type LengthBucket } from './pack-segments.ts';

export interface RunShape {
  /** Tokens of the largest pass. */
  rows: LengthBucket;
  data: DataRecipe;
  /** By job. */
  recipes: Recipe[];
}

export interface ShrinkLimits {
  /** Tokens of the longest example. */
  longest: number;
  /** Of the model. */
  layers: number;
  /** By job: it goes on from an adapter, whose rank and layers stay. */
  fixed: readonly boolean[];
}

const LEAST_LENGTH = 64;
const LEAST_RANK = 4;
const LEAST_LAYERS = 2;

/** The next smaller shape, and in words what it gives up; null when nothing is left to give up. */
export function shrinkRun(shape: RunShape, limits: ShrinkLimits): { shape: RunShape; what: string } | null {
  return fewerRows(shape, limits) ?? shorter(shape, limits) ?? lowerRank(shape, limits) ?? fewerLayers(shape, limits);
}

type Rung = (shape: RunShape, limits: ShrinkLimits) => ReturnType<typeof shrinkRun>;

/** The result stays the same within rounding. */
const fewerRows: Rung = (shape, { longest }) => {
  const rows = LENGTH_BUCKETS.findLast((size) => size < shape.rows && size >= bucketFor(longest));
  if (rows === undefined) return null;
  return { shape: { ...shape, rows }, what: `A pass has ${rows} tokens in place of ${shape.rows}.` };
};

const shorter: Rung = (shape, { longest }) => {
  const length = Math.floor(Math.min(longest, shape.data.length) / 2);
  if (length < LEAST_LENGTH) return null;
  const rows = bucketFor(length);
  const what = `Examples are cut at ${length} tokens; the limit was ${shape.data.length}.`;
  return { shape: { ...shape, rows, data: { ...shape.data, length } }, what };
};

const lowerRank: Rung = (shape, { fixed }) => {
  const most = shape.recipes.reduce((high, { rank }, job) => (fixed[job] ? high : Math.max(high, rank)), 0);
  if (most <= LEAST_RANK) return null;
  const limit = Math.max(LEAST_RANK, Math.floor(most / 2));
  // What the adapter's product is multiplied by stays the same.
  const recipes = shape.recipes.map((recipe, job) =>
    fixed[job] || recipe.rank <= limit
      ? recipe
      : { ...recipe, rank: limit, alpha: (recipe.alpha * limit) / recipe.rank },
  );
  return { shape: { ...shape, recipes }, what: `The rank of adapters is ${limit} in place of ${most}.` };
};

/** The upper half stays: gradients need not go below the lowest layer that is trained. */
const fewerLayers: Rung = (shape, { layers, fixed }) => {
  const layersOf = (recipe: Recipe) => recipe.layers ?? Array.from({ length: layers }, (_, layer) => layer);
  const most = shape.recipes.reduce(
    (high, recipe, job) => (fixed[job] ? high : Math.max(high, layersOf(recipe).length)),
    0,
  );
  if (most <= LEAST_LAYERS) return null;
  const limit = Math.max(LEAST_LAYERS, Math.floor(most / 2));
  const recipes = shape.recipes.map((recipe, job) =>
    fixed[job] || layersOf(recipe).length <= limit
      ? recipe
      : { ...recipe, layers: [...layersOf(recipe)].sort((a, b) => a - b).slice(-limit) },
  );
  return { shape: { ...shape, recipes }, what: `Adapters change the ${limit} highest of their ${most} layers only.` };
};
