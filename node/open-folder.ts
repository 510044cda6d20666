// What a path of the command line names: a directory, or one GGUF file, itself or as the only one in a
// directory. A model in parts counts as one file.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Folder } from '#lib/core/folder.ts';
import { createGgufFileFolder, ggufPartName, isGgufName } from '#lib/model/sources/gguf-file.ts';
import { createNodeFolder } from './folder.ts';

export const isGgufFile = (path: string): boolean =>
  isGgufName(path) && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);

export function openNodeFolder(path: string): Folder {
  const file = isGgufFile(path) ? path : onlyGgufIn(path);
  return file === undefined
    ? createNodeFolder(path)
    : createGgufFileFolder(createNodeFolder(dirname(file)), basename(file));
}

/** Configs come first: with one the directory is a Hugging Face or PEFT folder. */
function onlyGgufIn(path: string): string | undefined {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const hasConfig = ['config.json', 'adapter_config.json'].some((name) => existsSync(join(path, name)));
  if (!isDirectory || hasConfig) return undefined;
  const isFirst = (name: string) => (ggufPartName(name)?.number ?? 1) === 1;
  const found = readdirSync(path).filter((name) => isGgufFile(join(path, name)) && isFirst(name));
  return found.length === 1 ? join(path, found[0]!) : undefined;
}
