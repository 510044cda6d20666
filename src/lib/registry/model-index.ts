// index.json of a hosted model: its base, its adapters and every file with size and hash. Checked before it is believed.

import type { Folder } from '#lib/core/folder.ts';
import { FormatError } from '#lib/formats/errors.ts';
import type { FileEntry } from '#lib/files/file-entry.ts';

export interface IndexedAdapter {
  id: string;
  name: string;
  description: string;
  path: string;
  examples: string[];
}

export interface ModelIndex {
  id: string;
  name: string;
  base: string;
  adapters: IndexedAdapter[];
  files: FileEntry[];
}

/** The files of the base and the adapters, leaving out what the index names besides. */
export function filesToKeep({ base, adapters, files }: ModelIndex): FileEntry[] {
  const folders = [base, ...adapters.map(({ path }) => path)];
  return files.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)));
}

const INDEX_LIMIT = 1 << 20;
const FILE = 'index.json';

export async function readModelIndex(folder: Folder, signal?: AbortSignal): Promise<ModelIndex> {
  const size = await folder.size(FILE);
  if (size > INDEX_LIMIT) throw new FormatError(`${folder.name}/${FILE}`, `${size} bytes are too many for an index`);
  const text = new TextDecoder().decode(await folder.read(FILE, 0, size, signal));
  return parseModelIndex(text, `${folder.name}/${FILE}`);
}

export function parseModelIndex(text: string, file: string): ModelIndex {
  const wrong = (what: string) => new FormatError(file, what);
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new FormatError(file, 'it is not JSON', { cause: error });
  }
  const fields = (value: unknown, where: string): Record<string, unknown> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(`${where} must be an object`);
    return value as Record<string, unknown>;
  };
  const string = (value: unknown, where: string): string => {
    if (typeof value !== 'string' || value === '') throw wrong(`${where} must be text`);
    return value;
  };
  const list = (value: unknown, where: string): unknown[] => {
    if (!Array.isArray(value)) throw wrong(`${where} must be a list`);
    return value;
  };
  const path = (value: unknown, where: string): string => {
    const text = string(value, where);
    if (text.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      throw wrong(`${where} must be a path below the index, not "${text}"`);
    }
    return text;
  };

  const { id, name, base, adapters, files } = fields(root, 'the index');
  return {
    id: string(id, '"id"'),
    name: string(name, '"name"'),
    base: path(base, '"base"'),
    adapters: list(adapters, '"adapters"').map((entry, at) => {
      const where = `adapters[${at}]`;
      const adapter = fields(entry, where);
      return {
        id: string(adapter.id, `${where}.id`),
        name: string(adapter.name, `${where}.name`),
        description: string(adapter.description, `${where}.description`),
        path: path(adapter.path, `${where}.path`),
        examples: list(adapter.examples, `${where}.examples`).map((text, n) => string(text, `${where}.examples[${n}]`)),
      };
    }),
    files: list(files, '"files"').map((entry, at) => {
      const where = `files[${at}]`;
      const { path: name, bytes, sha256 } = fields(entry, where);
      if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) {
        throw wrong(`${where}.bytes must be a count of bytes`);
      }
      if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
        throw wrong(`${where}.sha256 must be 64 hex digits`);
      return { path: path(name, `${where}.path`), bytes, sha256 };
    }),
  };
}
