// A GGUF file under any name, or one that was split into parts, as a folder that holds it under names of its own.

import type { Folder } from '#lib/core/folder.ts';
import { FileMissingError } from '#lib/formats/errors.ts';

/** The name in such a folder; of a model in parts that of the first. */
export const GGUF_FILE = 'model.gguf';

/** The name of a part there, counted from 1. */
export const ggufPart = (number: number): string => (number === 1 ? GGUF_FILE : `model-part-${number}.gguf`);

export const isGgufName = (path: string): boolean => /\.gguf$/i.test(path);

export interface PartName {
  /** What the names of all parts begin with. */
  stem: string;
  number: number;
  count: number;
}

/** What llama.cpp calls the parts of a model: `NAME-00001-of-00003.gguf`; null for another name. */
export function ggufPartName(path: string): PartName | null {
  const [, stem, number, count] = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/is.exec(path) ?? [];
  if (stem === undefined || Number(number) < 1 || Number(number) > Number(count)) return null;
  return { stem, number: Number(number), count: Number(count) };
}

/** The name in such a folder of a file with this path. */
export const ggufFolderPath = (path: string): string =>
  isGgufName(path) ? ggufPart(ggufPartName(path)?.number ?? 1) : path;

const fiveDigits = (number: number): string => String(number).padStart(5, '0');

/** Only the file at `path` of the folder, called after it; of a model in parts all of them, also where `path` names a later one. */
export function createGgufFileFolder(folder: Folder, path: string): Folder {
  const part = ggufPartName(path);
  const paths = new Map(
    part
      ? Array.from({ length: part.count }, (_, i) => [
          ggufPart(i + 1),
          `${part.stem}-${fiveDigits(i + 1)}-of-${fiveDigits(part.count)}.gguf`,
        ])
      : [[GGUF_FILE, path]],
  );
  const name = path.split('/').at(-1)!;
  const locate = (asked: string): string => {
    const found = paths.get(asked);
    if (found === undefined) throw new FileMissingError(name, asked);
    return found;
  };
  return {
    name,
    has: async (asked) => paths.has(asked) && folder.has(locate(asked)),
    size: async (asked) => folder.size(locate(asked)),
    read: async (asked, start, end, signal) => folder.read(locate(asked), start, end, signal),
  };
}
