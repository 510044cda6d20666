// static/web-llm.json: the models that web-llm's makers compiled, with the hash of each library. Checked before it is believed. A model
// whose library could not be hashed is not in the list.

import type { PrebuiltModel } from '#lib/engine/prebuilt-model.ts';
import { parseHubRepo } from '#lib/files/hub/hub-repo.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

const MAX_ENTRIES = 1000;
const MAX_TEXT = 200;

/** @throws FormatError */
export function parsePrebuiltList(content: string, file = 'web-llm.json'): PrebuiltModel[] {
  const wrong = (what: string): never => {
    throw new FormatError(file, what);
  };
  const { libraries, models } = parseJsonObject(content, file);
  if (!isJsonObject(libraries) || !isJsonObject(libraries['files']))
    return wrong('field "libraries" is not an object with files');
  if (!Array.isArray(models) || models.length > MAX_ENTRIES)
    return wrong(`field "models" is no list of at most ${MAX_ENTRIES}`);
  const root = libraries['root'];
  if (typeof root !== 'string' || !root.startsWith('https://') || !root.endsWith('/'))
    return wrong('field "libraries.root" is no address of a folder that begins with https');
  const files = libraries['files'];

  const libraryOf = (name: string): PrebuiltModel['library'] => {
    const found = Object.hasOwn(files, name) ? files[name] : undefined;
    if (!/^[\w.-]{1,200}\.wasm$/.test(name) || !isJsonObject(found)) return wrong(`library "${name}" is not listed`);
    const { bytes: size, sha256 } = found;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 1)
      return wrong(`library "${name}" has no size`);
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return wrong(`library "${name}" has no sha256`);
    return { path: name, bytes: size, hash: `sha256:${sha256}`, url: root + name };
  };
  const ids = new Set<string>();
  return models.map((entry: unknown, at): PrebuiltModel => {
    if (!isJsonObject(entry)) return wrong(`model ${at + 1} is not an object`);
    const id = text(entry, 'id') ?? wrong(`model ${at + 1} has no id`);
    if (!/^[\w.-]+$/.test(id) || ids.has(id)) return wrong(`model "${id}" has an id that is taken or no name`);
    ids.add(id);
    const repo = parseHubRepo(text(entry, 'repo') ?? '').id;
    const original = text(entry, 'original');
    const { gpuMegabytes, features = [] } = entry;
    if (typeof gpuMegabytes !== 'number' || !(gpuMegabytes > 0))
      return wrong(`model "${id}" does not say its GPU memory`);
    if (!Array.isArray(features) || !features.every((one) => typeof one === 'string' && one.length <= MAX_TEXT))
      return wrong(`model "${id}" has features that are no list of texts`);
    return {
      id,
      weights: { kind: 'hub', repo },
      library: libraryOf(text(entry, 'library') ?? ''),
      gpuMegabytes,
      features: features as string[],
      original: original === null ? null : parseHubRepo(original).id,
    };
  });
}

function text(entry: JsonObject, field: string): string | null {
  const value = entry[field];
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT ? value : null;
}
