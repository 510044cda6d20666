// static/catalogue.json: models and adapters of the hub to choose from. Checked before it is believed. A fact that is not certain is
// left out of the file; config.json of the model decides when it is checked or loaded.

import { parseHubRepo } from '#lib/files/hub/hub-repo.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

export interface CatalogueModel {
  /** `owner/name` on the hub. */
  repo: string;
  /** As its maker calls it, for grouping. */
  family: string;
  /** 1 is offered first. */
  tier: 1 | 2 | 3;
  /** As in config.json; missing where that file alone says. */
  modelType?: string;
  licence?: string;
  /** Files are given out only after the licence was accepted. */
  isGated?: boolean;
  parameters?: number;
  /** Of the model itself. */
  contextLength?: number;
  /** Of its weights in the hub's files. */
  weightBytes?: number;
}

export interface CatalogueAdapter {
  repo: string;
  /** The model of the catalogue that it was trained on. */
  base: string;
}

export interface Catalogue {
  models: CatalogueModel[];
  adapters: CatalogueAdapter[];
}

const MAX_ENTRIES = 1000;
const MAX_TEXT = 200;

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === 'string' && value !== '' && value.length <= MAX_TEXT;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isRepo: Check = (value) => {
  try {
    return typeof value === 'string' && parseHubRepo(value).id === value;
  } catch {
    return false;
  }
};
const REQUIRED: Record<string, Check> = {
  repo: isRepo,
  family: isText,
  tier: (value) => value === 1 || value === 2 || value === 3,
};
const OPTIONAL: Record<string, Check> = {
  modelType: isText,
  licence: isText,
  isGated: (value) => typeof value === 'boolean',
  parameters: isCount,
  contextLength: isCount,
  weightBytes: isCount,
};

/**
 * `file` is used in errors.
 *
 * @throws FormatError with the place of what is wrong, also for a field that is not known
 */
export function parseCatalogue(text: string, file: string): Catalogue {
  const root = parseJsonObject(text, file);
  const wrong = (where: string, what: string) =>
    new FormatError(file, `${where} ${what}`, { hint: 'Correct the entry.' });
  const read = (list: 'models' | 'adapters', required: Record<string, Check>, optional: Record<string, Check>) => {
    const entries = root[list];
    if (!Array.isArray(entries) || entries.length > MAX_ENTRIES) {
      throw wrong(`"${list}"`, `is no list of at most ${MAX_ENTRIES} entries`);
    }
    const repos = new Set<unknown>();
    return entries.map((entry: unknown, at): JsonObject => {
      const where = `${list}[${at}]`;
      if (!isJsonObject(entry)) throw wrong(where, 'is no object');
      for (const field of Object.keys(required)) if (!(field in entry)) throw wrong(where, `has no "${field}"`);
      for (const [field, value] of Object.entries(entry)) {
        const check = Object.hasOwn(required, field)
          ? required[field]
          : Object.hasOwn(optional, field)
            ? optional[field]
            : null;
        if (!check) throw wrong(where, `has a field "${field.slice(0, 60)}", which is not known`);
        if (!check(value)) throw wrong(`${where}.${field}`, `cannot be ${JSON.stringify(value).slice(0, 60)}`);
      }
      if (repos.has(entry['repo'])) throw wrong(where, `names ${String(entry['repo'])} again`);
      repos.add(entry['repo']);
      return entry;
    });
  };
  const models = read('models', REQUIRED, OPTIONAL) as unknown as CatalogueModel[];
  const adapters = read('adapters', { repo: isRepo, base: isRepo }, {}) as unknown as CatalogueAdapter[];
  adapters.forEach(({ base }, at) => {
    if (!models.some(({ repo }) => repo === base))
      throw wrong(`adapters[${at}].base`, `names ${base}, which is no model here`);
  });
  return { models, adapters };
}
