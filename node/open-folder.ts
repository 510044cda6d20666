// What a path of the command line names: a directory, or one GGUF file.

import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Folder } from '#lib/core/folder.ts';
import { createGgufFileFolder, isGgufName } from '#lib/model/sources/gguf-file.ts';
import { createNodeFolder } from './folder.ts';

export const isGgufFile = (path: string): boolean =>
  isGgufName(path) && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);

export const openNodeFolder = (path: string): Folder =>
  isGgufFile(path) ? createGgufFileFolder(createNodeFolder(dirname(path)), basename(path)) : createNodeFolder(path);
