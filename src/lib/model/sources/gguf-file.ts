// A single GGUF file, under any name, as a folder that holds it under one name.

import type { Folder } from '#lib/core/folder.ts';
import { FileMissingError } from '#lib/formats/errors.ts';

/** The name in such a folder. */
export const GGUF_FILE = 'model.gguf';

export const isGgufName = (path: string): boolean => /\.gguf$/i.test(path);

/** Only the file at `path` of the folder, called after it. */
export function createGgufFileFolder(folder: Folder, path: string): Folder {
  const name = path.split('/').at(-1)!;
  const locate = (asked: string): string => {
    if (asked !== GGUF_FILE) throw new FileMissingError(name, asked);
    return path;
  };
  return {
    name,
    has: async (asked) => asked === GGUF_FILE && folder.has(path),
    size: async (asked) => folder.size(locate(asked)),
    read: async (asked, start, end, signal) => folder.read(locate(asked), start, end, signal),
  };
}
