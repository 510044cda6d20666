// Reads dag-cbor objects field by field: the bytes must be canonical, every field known, of its type and within bounds. The
// formats define what fields mean.

import { decode, encode } from '@ipld/dag-cbor';
import { CID } from 'multiformats/cid';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { FormatError, FileTruncatedError } from '../errors.ts';

export interface Fields {
  /** An error about a field of this object. */
  bad(name: string, what: string): FormatError;
  text(name: string, maxChars: number): string;
  /** A whole number from `min` to `max`. */
  count(name: string, max: number, min?: number): number;
  /** A number that is neither NaN nor infinite. */
  number(name: string): number;
  flag(name: string): boolean;
  /** Exactly `size` bytes, as hex. */
  hex(name: string, size: number): Hex;
  /** A CIDv1 with sha2-256 and one of these codecs. */
  cid(name: string, ...codecs: readonly number[]): CID;
  /** The entries of a list, each read by `read`. */
  list<T>(name: string, max: number, read: (entry: unknown, where: string) => T): T[];
  /** `read(name)`, or null when the field is null. */
  optional<T>(name: string, read: (name: string) => T): T | null;
  value(name: string): unknown;
}

/** The object in a block. It must have exactly the fields in `names`, except that those in `also` may be missing. */
export function decodeFields(
  bytes: Uint8Array,
  names: readonly string[],
  file: string,
  also: readonly string[] = [],
): Fields {
  if (bytes.length === 0) throw new FileTruncatedError(file, 'it is empty');
  let value: unknown;
  try {
    value = decode(bytes);
    const again = encode(value);
    if (again.length !== bytes.length || again.some((byte, at) => byte !== bytes[at])) {
      throw new RangeError('it is not written in the one way that dag-cbor allows');
    }
  } catch (cause) {
    throw new FormatError(file, `not valid dag-cbor (${(cause as Error).message})`, { cause });
  }
  return fieldsOf(value, names, file, '', also);
}

/** The object `value`, found at `at` of `file`. */
export function fieldsOf(
  value: unknown,
  names: readonly string[],
  file: string,
  at: string,
  also: readonly string[] = [],
): Fields {
  const place = at === '' ? 'the object' : at;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new FormatError(file, `${place} is not a map of fields`);
  }
  const object = value as Record<string, unknown>;
  const missing = names.find((name) => !Object.hasOwn(object, name));
  if (missing !== undefined) throw new FormatError(file, `${place} has no field "${missing}"`);
  const stranger = Object.keys(object).find((name) => !names.includes(name) && !also.includes(name));
  if (stranger !== undefined)
    throw new FormatError(file, `${place} has a field "${stranger.slice(0, 60)}", which is not known`);
  const pathOf = (name: string): string => (at === '' ? name : `${at}.${name}`);
  const bad = (name: string, what: string): FormatError => new FormatError(file, `field "${pathOf(name)}" ${what}`);
  const whole = (name: string, max: number, min: number): number => {
    const found = object[name];
    if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < min || found > max) {
      throw bad(name, `is not a whole number from ${min} to ${max}`);
    }
    return found;
  };
  return {
    bad,
    value: (name) => object[name],
    text(name, maxChars) {
      const found = object[name];
      if (typeof found !== 'string' || found.length > maxChars)
        throw bad(name, `is not a text of at most ${maxChars} characters`);
      if (!found.isWellFormed()) throw bad(name, 'is not valid text');
      return found;
    },
    count: (name, max, min = 0) => whole(name, max, min),
    number(name) {
      const found = object[name];
      if (typeof found !== 'number' || !Number.isFinite(found)) throw bad(name, 'is not a number');
      return found;
    },
    flag(name) {
      const found = object[name];
      if (typeof found !== 'boolean') throw bad(name, 'is neither true nor false');
      return found;
    },
    hex(name, size) {
      const found = object[name];
      if (!(found instanceof Uint8Array) || found.length !== size) throw bad(name, `does not have ${size} bytes`);
      return toHex(found);
    },
    cid(name, ...codecs) {
      const cid = CID.asCID(object[name]);
      const isHashed = cid?.version === 1 && cid.multihash.code === 0x12 && cid.multihash.size === 32;
      if (isHashed && codecs.includes(cid.code)) return cid;
      const known = codecs.map((codec) => `0x${codec.toString(16)}`).join(' or ');
      throw bad(name, `is not a content id of codec ${known} with sha2-256`);
    },
    list(name, max, read) {
      const found = object[name];
      if (!Array.isArray(found) || found.length > max) throw bad(name, `is not a list of at most ${max} entries`);
      return found.map((entry, index) => read(entry, `${pathOf(name)}[${index}]`));
    },
    optional: (name, read) => (object[name] === null ? null : read(name)),
  };
}
