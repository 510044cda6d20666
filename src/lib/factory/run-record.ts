// What the list of runs shows of a run, small enough to be read for all runs: what it trains, how far it is, and its curves.

import { isJsonObject, parseJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { FormatError } from '#lib/formats/errors.ts';
import type { DataRecipe, Recipe } from './recipe.ts';
import type { RunProgress } from './run-progress.ts';

export interface RunRecord {
  run: string;
  /** ISO 8601. */
  startedAt: string;
  savedAt: string;
  /** `running`: under way, or it was cut short; it can go on from its checkpoint, as a paused one. */
  state: 'running' | 'paused' | 'done';
  step: number;
  steps: number;
  model: { id: string; name: string };
  sources: string[];
  jobs: { name: string; recipe: Recipe }[];
  data: DataRecipe;
  seconds: number;
  tokens: number;
  validations: RunProgress['validations'];
  /** At most some hundred points, at equal distances. */
  curve: CurvePoint[];
  /** The newest checkpoint; null once the run is done. */
  slot: 'a' | 'b' | null;
}

export interface CurvePoint {
  step: number;
  jobs: RunProgress['figures'][number];
}

const MAX_POINTS = 500;

export function curveOf({ figures }: Pick<RunProgress, 'figures'>): CurvePoint[] {
  const every = Math.max(1, Math.ceil(figures.length / MAX_POINTS));
  return figures.flatMap((jobs, at) => ((at + 1) % every === 0 || at === 0 ? [{ step: at + 1, jobs }] : []));
}

export const encodeRunRecord = (record: RunRecord): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(record));

/** Null when the bytes are no whole record. */
export function parseRunRecord(bytes: Uint8Array): RunRecord | null {
  try {
    const value = parseJsonObject(new TextDecoder('utf-8', { fatal: true }).decode(bytes), 'run.json');
    return isRunRecord(value) ? (value as unknown as RunRecord) : null;
  } catch (error) {
    if (error instanceof FormatError || error instanceof TypeError) return null;
    throw error;
  }
}

/** A record that this program wrote: whether it is whole is what matters. */
export function isRunRecord(value: JsonObject): boolean {
  const texts = ['run', 'startedAt', 'savedAt'].every((name) => typeof value[name] === 'string');
  const numbers = ['step', 'steps', 'seconds', 'tokens'].every((name) => Number.isFinite(value[name]));
  const lists = ['sources', 'jobs', 'validations', 'curve'].every((name) => Array.isArray(value[name]));
  const objects = ['model', 'data'].every((name) => isJsonObject(value[name]));
  const state = ['running', 'paused', 'done'].includes(value['state'] as string);
  return texts && numbers && lists && objects && state && ['a', 'b', null].includes(value['slot'] as 'a' | null);
}
