// The manifest of a training: all that its adapter came from, and hashes of the states on the way, so that the training can be computed
// again, as a whole or one segment of it. Converts between canonical JSON and checked values.

import { FormatError } from '#lib/formats/errors.ts';
import { canonicalText, parseCanonical } from '#lib/formats/json/canonical-json.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import type { ChainLink } from './checkpoint-chain.ts';
import { LENGTH_BUCKETS, type LengthBucket } from './pack-segments.ts';
import { readDataRecipe, readRecipe } from './read-recipe.ts';
import type { OriginJob, RunOrigin } from './run-origin.ts';

export const TRAINING_MANIFEST_KIND = 'training/manifest@1';
export const MAX_JOBS = 8;

export interface TrainingManifest extends Omit<RunOrigin, 'jobs'> {
  kind: typeof TRAINING_MANIFEST_KIND;
  /** What the trainer computes, by name. */
  trainer: string;
  /** Devices that computed steps, in words. With more than one of them, the states cannot be computed again to the bit. */
  devices: string[];
  /** sha256 (hex) of the examples that the rows of this job became. */
  examples: { train: string; validation: string };
  /** Tokens of the largest pass. */
  rows: LengthBucket;
  /** All jobs that trained together, each with the places of its own sources where it does not train on all. */
  jobs: ManifestJob[];
  /** Whose adapter this is about, from 0. */
  job: number;
  /** Of the run. */
  steps: number;
  /** Mean loss of this job before each step; null where it has none. */
  losses: (number | null)[];
  chain: ChainLink[];
  /** Step of its weights, and sha256 (hex) over the PEFT files. */
  adapter: { step: number; sha256: string };
}

export interface ManifestJob extends OriginJob {
  /** The step after which it ended; null where the run was ended before. */
  ended: number | null;
}

const MAX_TEXT = 16 << 20;
const MAX_STEPS = 100_000;
const MAX_SOURCES = 1000;
const MAX_DEVICES = 100;
const MAX_LINKS = 10_000;

/** @throws FormatError when it could not be parsed again */
export function encodeTrainingManifest(manifest: TrainingManifest): string {
  const text = canonicalText(manifest as unknown as JsonObject, 'The training manifest');
  parseTrainingManifest(text, 'The training manifest');
  return text;
}

/** @throws FormatError or RecipeError that names the field */
export function parseTrainingManifest(source: string, file: string): TrainingManifest {
  if (source.length > MAX_TEXT) throw new FormatError(file, `it has more than ${MAX_TEXT} characters`);
  const { value, text } = parseCanonical(source.trimEnd(), file);
  if (text !== source.trimEnd())
    throw new FormatError(file, 'it is not canonical JSON', { hint: 'Use the file as it was written.' });
  const read = readerOf(value, file);
  read.only(FIELDS);
  if (value['kind'] !== TRAINING_MANIFEST_KIND) throw new FormatError(file, `it is not a ${TRAINING_MANIFEST_KIND}`);
  const base = read.object('base', ['dtype', 'id', 'name']);
  const examples = read.object('examples', ['train', 'validation']);
  const adapter = read.object('adapter', ['sha256', 'step']);
  const steps = read.whole('steps', MAX_STEPS);
  const sources = read.list('sources', MAX_SOURCES, (one) => {
    one.only(['id', 'leaves', 'licence', 'name', 'rows']);
    const id = one.value['id'] === null ? null : one.text('id');
    const rest = { rows: one.whole('rows', Number.MAX_SAFE_INTEGER), leaves: one.hash('leaves') };
    return { name: one.text('name'), id, licence: one.text('licence'), ...rest };
  });
  const jobs = read.list('jobs', MAX_JOBS, (job): ManifestJob => {
    job.only(['ended', 'from', 'name', 'recipe', 'sources']);
    const recipe = readRecipe(job.object('recipe').value, `${file}: field "recipe" of a job`);
    return {
      ...{ name: job.text('name'), recipe, from: job.hashOrNull('from') },
      ended: job.wholeOrNull('ended', steps),
      ...('sources' in job.value && { sources: job.places('sources', sources.length) }),
    };
  });
  const rows = read.whole('rows', LENGTH_BUCKETS.at(-1)!);
  if (!LENGTH_BUCKETS.includes(rows as LengthBucket))
    throw read.bad('rows', `is not one of ${LENGTH_BUCKETS.join(', ')}`);
  const job = read.whole('job', MAX_JOBS - 1);
  if (job >= jobs.length) throw read.bad('job', `names none of the ${jobs.length} jobs`);
  const losses = value['losses'];
  if (
    !Array.isArray(losses) ||
    losses.length !== steps ||
    losses.some((loss) => loss !== null && !Number.isFinite(loss))
  )
    throw read.bad('losses', `is not a list of ${steps} numbers, one for each step`);
  return {
    kind: TRAINING_MANIFEST_KIND,
    trainer: read.text('trainer'),
    devices: read.texts('devices', MAX_DEVICES),
    base: { id: base.hash('id'), name: base.text('name'), dtype: base.text('dtype') },
    template: read.hashOrNull('template'),
    sources,
    data: readDataRecipe(read.object('data').value, `${file}: field "data"`),
    examples: { train: examples.hash('train'), validation: examples.hash('validation') },
    ...{ rows: rows as LengthBucket, jobs, job, steps, losses: losses as (number | null)[] },
    validations: read.whole('validations', MAX_LINKS),
    patience: read.wholeOrNull('patience', MAX_LINKS),
    chain: read.list('chain', MAX_LINKS, (link) => {
      link.only(['hash', 'state', 'step']);
      return { step: link.whole('step', steps), state: link.hash('state'), hash: link.hash('hash') };
    }),
    adapter: { step: adapter.whole('step', steps), sha256: adapter.hash('sha256') },
  };
}

const FIELDS =
  'adapter base chain data devices examples job jobs kind losses patience rows sources steps template trainer validations'.split(
    ' ',
  );

interface Reader {
  value: JsonObject;
  bad(field: string, what: string): FormatError;
  /** Refuses other fields. */
  only(fields: readonly string[]): void;
  text(field: string): string;
  texts(field: string, most: number): string[];
  /** 64 hex digits. */
  hash(field: string): string;
  hashOrNull(field: string): string | null;
  /** Different places from 0 to below `count`, at least one. */
  places(field: string, count: number): number[];
  whole(field: string, most: number): number;
  wholeOrNull(field: string, most: number): number | null;
  object(field: string, fields?: readonly string[]): Reader;
  list<T>(field: string, most: number, entry: (reader: Reader) => T): T[];
}

const MAX_NAME = 500;
const isName = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_NAME;

function readerOf(value: JsonObject, file: string, path = ''): Reader {
  const bad = (field: string, what: string) => new FormatError(file, `field "${path}${field}" ${what}`);
  const reader: Reader = {
    ...{ value, bad },
    only: (fields) => {
      const stray = Object.keys(value).find((name) => !fields.includes(name));
      if (stray !== undefined) throw bad(stray.slice(0, 60), 'is not known');
    },
    text: (field) => {
      const text = value[field];
      if (!isName(text)) throw bad(field, `is not a text of at most ${MAX_NAME} characters`);
      return text;
    },
    texts: (field, most) => {
      const list = value[field];
      if (!Array.isArray(list) || list.length > most || !list.every(isName)) throw bad(field, 'is not a list of texts');
      return list;
    },
    hash: (field) => {
      const text = value[field];
      if (typeof text !== 'string' || !/^[0-9a-f]{64}$/.test(text)) throw bad(field, 'is not a sha256 in hex');
      return text;
    },
    hashOrNull: (field) => (value[field] === null ? null : reader.hash(field)),
    places: (field, count) => {
      const list = value[field];
      const isPlace = (one: unknown): one is number =>
        Number.isSafeInteger(one) && (one as number) >= 0 && (one as number) < count;
      const isRight =
        Array.isArray(list) && list.length > 0 && list.every(isPlace) && new Set(list).size === list.length;
      if (!isRight) throw bad(field, `is not a list of places in a list of ${count}`);
      return list;
    },
    whole: (field, most) => {
      const number = value[field];
      if (!Number.isSafeInteger(number) || (number as number) < 0 || (number as number) > most)
        throw bad(field, `is not a whole number from 0 to ${most}`);
      return number as number;
    },
    wholeOrNull: (field, most) => (value[field] === null ? null : reader.whole(field, most)),
    object: (field, fields) => {
      const object = value[field];
      if (!isJsonObject(object)) throw bad(field, 'is not an object');
      const inner = readerOf(object, file, `${path}${field}.`);
      if (fields) inner.only(fields);
      return inner;
    },
    list: (field, most, entry) => {
      const list = value[field];
      if (!Array.isArray(list) || list.length === 0 || list.length > most || !list.every(isJsonObject))
        throw bad(field, `is not a list of 1 to ${most} objects`);
      return list.map((one, at) => entry(readerOf(one, file, `${path}${field}[${at}].`)));
    },
  };
  return reader;
}
