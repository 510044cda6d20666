// Fields of a GGUF file's metadata, by name and checked type.

import { FormatError } from '#lib/formats/errors.ts';
import type { GgufHeader, GgufValue } from '#lib/formats/model/gguf-header.ts';

export interface GgufFields {
  /** The file, for errors. */
  file: string;
  /** `general.architecture`, which is the prefix of the model's own fields. */
  architecture: string;
  has(key: string): boolean;
  number(key: string, fallback?: number): number;
  numberOrNull(key: string): number | null;
  flag(key: string, fallback: boolean): boolean;
  text(key: string): string | null;
  texts(key: string): string[];
  numbers(key: string): number[];
}

/** Of keys, those of the model itself begin with a dot: `.context_length` is `llama.context_length`. */
export function ggufFields({ metadata }: Pick<GgufHeader, 'metadata'>, file: string): GgufFields {
  const architecture = metadata.get('general.architecture');
  if (typeof architecture !== 'string') throw new FormatError(file, 'field "general.architecture" is missing');
  const nameOf = (key: string) => (key.startsWith('.') ? architecture + key : key);
  const fail = (key: string, value: GgufValue | undefined, what: string): never => {
    const shown = value === undefined ? 'is missing' : `is not ${what}`;
    throw new FormatError(file, `field "${nameOf(key)}" ${shown}`);
  };
  const get = (key: string) => metadata.get(nameOf(key));
  const list = <T>(key: string, type: string, what: string): T[] => {
    const value = get(key) ?? [];
    const isList = Array.isArray(value) && (value as unknown[]).every((item) => typeof item === type);
    return isList ? (value as T[]) : fail(key, value, what);
  };
  const numberOrNull = (key: string): number | null => {
    const value = get(key) ?? null;
    return value === null || typeof value === 'number' ? value : fail(key, value, 'a number');
  };
  return {
    file,
    architecture,
    has: (key) => get(key) !== undefined,
    numberOrNull,
    number: (key, fallback) => numberOrNull(key) ?? fallback ?? fail(key, undefined, 'a number'),
    flag(key, fallback) {
      const value = get(key) ?? fallback;
      return typeof value === 'boolean' ? value : fail(key, value, 'true or false');
    },
    text(key) {
      const value = get(key) ?? null;
      return value === null || typeof value === 'string' ? value : fail(key, value, 'a text');
    },
    texts: (key) => list<string>(key, 'string', 'a list of texts'),
    numbers: (key) => list<number>(key, 'number', 'a list of numbers'),
  };
}
