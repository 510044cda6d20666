// Files and directories named on the command line, checked before any slow work. A model may also be named by the short name of
// one that comes with the project.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isJsonObject, parseJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { FileError } from '#node/errors.ts';
import { isGgufFile } from '#node/open-folder.ts';
import { findRegistered, isRegisteredName } from './model/registered-notes.ts';
import { findPulled, isPulledName } from './pulled-models.ts';

const MAX_INPUT = 256 << 20;

export const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

export function requireDirectory(path: string, what: string): string {
  if (!isDirectory(path)) {
    throw new FileError(
      path,
      existsSync(path) ? 'this is not a directory' : 'there is no such directory',
      `Name ${what}.`,
    );
  }
  return path;
}

/** The size of an existing file. */
export function requireFile(path: string): number {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info?.isFile()) {
    throw new FileError(path, info ? 'this is not a file' : 'there is no such file', 'Check the path.');
  }
  return info.size;
}

export function readInput(path: string): string {
  const size = requireFile(path);
  if (size > MAX_INPUT) throw new FileError(path, `the file has ${size} bytes`, `At most ${MAX_INPUT} are read.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    throw new FileError(
      path,
      `the file cannot be read as text (${(cause as Error).message})`,
      'Check its encoding and permissions.',
      cause,
    );
  }
}

export const readJsonInput = (path: string): JsonObject => parseJsonObject(readInput(path), path);

/** Each non-empty line of a JSONL file as an object, with its line number and its text. */
export function readJsonLines(path: string): { line: number; value: JsonObject; source: string }[] {
  return readInput(path)
    .split('\n')
    .flatMap((source, i) =>
      source.trim() === '' ? [] : [{ line: i + 1, value: parseJsonObject(source, `${path} line ${i + 1}`), source }],
    );
}

/** A model that lists its base, adapters and questions in index.json. */
export interface ModelFamily {
  root: string;
  index: JsonObject;
}

/** Finds `name`: a directory, or a model that comes with the project. */
export function findFamily(name: string): ModelFamily {
  const root = [name, bundled(name)].find((path) => path !== null && existsSync(join(path, 'index.json')));
  if (!root)
    throw new FileError(
      name,
      'there is no model with an index.json here',
      'Name a directory with index.json, or "nano".',
    );
  return { root, index: readJsonInput(join(root, 'index.json')) };
}

/** The directory of a model's own files, or its GGUF file. */
export function findModel(name: string): string {
  if (isRegisteredName(name)) return findPulled(findRegistered(name).base);
  if (isPulledName(name)) return findPulled(name);
  if (isGgufFile(name)) return name;
  for (const path of [name, bundled(name)]) {
    if (path === null || !isDirectory(path)) continue;
    if (!existsSync(join(path, 'config.json')) && existsSync(join(path, 'base', 'config.json')))
      return join(path, 'base');
    return path;
  }
  return requireDirectory(name, 'a directory with config.json and weights, a GGUF file, or "nano"');
}

/** The directory of an adapter, or its GGUF file. */
export function requireAdapter(path: string, what: string): string {
  if (isRegisteredName(path)) {
    const { adapter } = findRegistered(path);
    if (adapter === null) throw new FileError(path, 'it is a whole model, and no adapter', 'Name it after --model.');
    return findPulled(adapter);
  }
  if (isPulledName(path)) return findPulled(path);
  return isGgufFile(path) ? path : requireDirectory(path, what);
}

/** A path in an index.json, relative to that file. */
export function familyPath({ root }: ModelFamily, value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '' || value.startsWith('/') || value.split('/').includes('..')) {
    throw new FileError(join(root, 'index.json'), `field "${field}" is not a path below it`, 'Fetch the model again.');
  }
  return join(root, value);
}

export function familyAdapters(family: ModelFamily): JsonObject[] {
  const adapters = family.index['adapters'];
  if (!Array.isArray(adapters) || !adapters.every(isJsonObject)) {
    throw new FileError(
      join(family.root, 'index.json'),
      'field "adapters" is not a list of objects',
      'Fetch the model again.',
    );
  }
  return adapters;
}

/** static/models/NAME, found from the working directory or from this program upwards. */
function bundled(name: string): string | null {
  if (!/^[\w-]+$/.test(name)) return null;
  for (const from of [process.cwd(), dirname(fileURLToPath(import.meta.url))]) {
    for (let folder = resolve(from); ; folder = dirname(folder)) {
      const path = join(folder, 'static', 'models', name);
      if (isDirectory(path)) return path;
      if (dirname(folder) === folder) break;
    }
  }
  return null;
}
