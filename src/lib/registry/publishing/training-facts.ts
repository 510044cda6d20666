// What a card shows of the manifest of a training run: its recipe and its curves, wherever the manifest has them. The manifest is
// published as it is; here nothing depends on its other fields.

import { isJsonObject, parseJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { FormatError } from '#lib/formats/errors.ts';

export interface Curve {
  name: string;
  points: number;
  first: number;
  last: number;
  least: number;
}

export interface TrainingFacts {
  /** Settings with their values as text. */
  recipe: [string, string][];
  curves: Curve[];
}

export const TRAINING_FILE = 'training.json';
export const MAX_TRAINING_BYTES = 16 << 20;
const MOST_SETTINGS = 60;
const MOST_CURVES = 12;
const MAX_VALUE = 200;

/** @throws FormatError when it is no JSON object, or too long */
export function readTrainingFacts(text: string, file: string): TrainingFacts {
  if (text.length > MAX_TRAINING_BYTES)
    throw new FormatError(file, `it has ${text.length} characters; at most ${MAX_TRAINING_BYTES} are published`);
  const manifest = parseJsonObject(text, file);
  const { recipe } = manifest;
  return { recipe: isJsonObject(recipe) ? settingsOf(recipe) : [], curves: curvesOf(manifest) };
}

const settingsOf = (recipe: JsonObject): [string, string][] =>
  Object.entries(recipe)
    .slice(0, MOST_SETTINGS)
    .map(([name, value]) => [
      name.slice(0, MAX_VALUE),
      (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MAX_VALUE),
    ]);

/** Lists of numbers under `curves`, or one list under `losses`. */
function curvesOf(manifest: JsonObject): Curve[] {
  const { curves, losses } = manifest;
  const named = isJsonObject(curves) ? Object.entries(curves) : [];
  const all: [string, unknown][] = Array.isArray(losses) ? [...named, ['loss', losses]] : named;
  return all.slice(0, MOST_CURVES).flatMap(([name, values]): Curve[] => {
    if (!Array.isArray(values) || values.length === 0 || !values.every(isFinite)) return [];
    const least = values.reduce((low, value) => Math.min(low, value), Infinity);
    return [{ name: name.slice(0, MAX_VALUE), points: values.length, first: values[0]!, last: values.at(-1)!, least }];
  });
}

const isFinite = (value: unknown): value is number => Number.isFinite(value);
