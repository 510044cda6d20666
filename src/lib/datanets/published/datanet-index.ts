// index.json of the Datanets that come with the app: their names, and the file of each version. Only the names are trusted; the
// other fields are compared with the version when it is opened.

import type { Hex } from '#lib/core/bytes.ts';
import { parseCid, type CID } from '#lib/formats/block/block.ts';
import type { ByteSource } from '#lib/formats/block/car.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

export interface DatanetEntry {
  /** Identifies it in URLs: small letters, digits and hyphens. */
  id: string;
  name: string;
  description: string;
  /** An SPDX id or expression. */
  licence: string;
  manifest: CID;
  rowRoot: Hex;
  rows: number;
  contributors: { address: Hex; rows: number }[];
  car: { path: string; bytes: number };
}

export interface DatanetFiles {
  /** Opens a file beside the index. @throws FileMissingError, AbortedError; also while it is read */
  read(path: string, signal: AbortSignal): Promise<ByteSource>;
}

const FILE = 'index.json';
const MAX_INDEX_BYTES = 1 << 20;
/** Largest CAR: each is held in memory while it is read. */
const MAX_CAR_BYTES = 64 << 20;

/** @throws FormatError that names the entry and the field, and errors of `read` */
export async function readDatanetIndex(files: DatanetFiles, signal: AbortSignal): Promise<DatanetEntry[]> {
  const decoder = new TextDecoder('utf-8');
  let text = '';
  let bytes = 0;
  for await (const piece of await files.read(FILE, signal)) {
    bytes += piece.length;
    if (bytes > MAX_INDEX_BYTES) throw new FormatError(FILE, `it has more than ${MAX_INDEX_BYTES} bytes`);
    text += decoder.decode(piece, { stream: true });
  }
  return parseDatanetIndex(text + decoder.decode(), FILE);
}

/** @throws FormatError that names the entry and the field */
export function parseDatanetIndex(text: string, file: string): DatanetEntry[] {
  const listed = parseJsonObject(text, file)['datanets'];
  if (!Array.isArray(listed)) throw new FormatError(file, '"datanets" must be a list');
  const entries = listed.map((entry, at) => parseEntry(entry, file, `datanets[${at}]`));
  const twice = entries.find(({ id }, at) => entries.findIndex((other) => other.id === id) !== at);
  if (twice) throw new FormatError(file, `"${twice.id}" is listed twice`);
  return entries;
}

function parseEntry(value: unknown, file: string, where: string): DatanetEntry {
  const fields = fieldsAt(value, file, where);
  const car = fieldsAt(fields.value('car'), file, `${where}.car`);
  const contributors = fields.value('contributors');
  if (!Array.isArray(contributors)) throw new FormatError(file, `${where}.contributors must be a list`);
  return {
    id: fields.text('id', /^[a-z0-9][a-z0-9-]{0,63}$/),
    name: fields.text('name', /^.{1,100}$/),
    description: fields.text('description', /^.{1,1000}$/),
    licence: fields.text('licence', /^.{1,200}$/),
    manifest: parseCid(fields.text('manifest', /^\w{1,200}$/), `${file} ${where}.manifest`),
    rowRoot: fields.text('rowRoot', /^0x[0-9a-f]{64}$/) as Hex,
    rows: fields.count('rows', Number.MAX_SAFE_INTEGER),
    contributors: contributors.map((one: unknown, at) => {
      const who = fieldsAt(one, file, `${where}.contributors[${at}]`);
      return {
        address: who.text('address', /^0x[0-9a-f]{40}$/) as Hex,
        rows: who.count('rows', Number.MAX_SAFE_INTEGER),
      };
    }),
    car: { path: car.text('path', /^[a-z0-9-]{1,64}\.car$/), bytes: car.count('bytes', MAX_CAR_BYTES) },
  };
}

function fieldsAt(value: unknown, file: string, where: string) {
  if (!isJsonObject(value)) throw new FormatError(file, `${where} must be an object`);
  const object: JsonObject = value;
  return {
    value: (name: string): unknown => object[name],
    text(name: string, form: RegExp): string {
      const text = object[name];
      if (typeof text === 'string' && form.test(text)) return text;
      throw new FormatError(file, `${where}.${name} must be a text like ${form.source}`);
    },
    count(name: string, most: number): number {
      const count = object[name];
      if (Number.isSafeInteger(count) && (count as number) >= 1 && (count as number) <= most) return count as number;
      throw new FormatError(file, `${where}.${name} must be a whole number from 1 to ${most}`);
    },
  };
}
