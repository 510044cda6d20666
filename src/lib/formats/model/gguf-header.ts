// The header of a GGUF file: its metadata and the places of its tensors. Every count, length and place is checked against a bound
// or the file before it is used; which tensors a model needs is decided elsewhere.

import type { Folder } from '#lib/core/folder.ts';
import { FileTruncatedError, FormatError, UnsupportedError } from '../errors.ts';
import { GGUF_BLOCKS, OTHER_TYPES, type GgufBlock } from './gguf-blocks.ts';

export type GgufValue = number | string | boolean | number[] | string[] | boolean[];

export interface GgufTensor {
  name: string;
  /** Rows first, as everywhere here: GGUF itself writes the shortest stride first. */
  shape: number[];
  block: GgufBlock;
  start: number;
  end: number;
}

export interface GgufHeader {
  metadata: ReadonlyMap<string, GgufValue>;
  tensors: GgufTensor[];
}

const MAX_HEADER_BYTES = 256 << 20;
/** Read first; the double of it where the header is longer, and so on. */
const FIRST_BYTES = 1 << 20;
const MAX_ENTRIES = 65_536;
const MAX_NAME_BYTES = 1024;
const MAX_TEXT_BYTES = 4 << 20;
const MAX_ARRAY = 4_000_000;
const MAX_DIMENSIONS = 4;
const MAGIC = 0x46554747;
const DEFAULT_ALIGNMENT = 32;
const MAX_ALIGNMENT = 1 << 20;

export const readGgufHeader = (folder: Folder, path: string, signal?: AbortSignal): Promise<GgufHeader> =>
  readHead(folder, path, parseGguf, signal);

/** The metadata alone: also of files with tensors of types that are not read. */
export const readGgufMetadata = (
  folder: Folder,
  path: string,
  signal?: AbortSignal,
): Promise<Pick<GgufHeader, 'metadata'>> =>
  readHead(folder, path, (bytes, _, file) => parseMetadata(new Reader(bytes, file), file), signal);

async function readHead<T>(
  folder: Folder,
  path: string,
  parse: (bytes: Uint8Array, fileSize: number, file: string) => T,
  signal?: AbortSignal,
): Promise<T> {
  const file = `${folder.name}/${path}`;
  const size = await folder.size(path);
  for (let length = FIRST_BYTES; ; length *= 2) {
    const bytes = await folder.read(path, 0, Math.min(size, length), signal);
    try {
      return parse(bytes, size, file);
    } catch (error) {
      if (!(error instanceof Short)) throw error;
      if (length >= size) throw new FileTruncatedError(file, 'the file ends in its header');
      if (length >= MAX_HEADER_BYTES)
        throw new FormatError(file, `the header has more than ${MAX_HEADER_BYTES} bytes, which are not read`);
    }
  }
}

/** The bytes at hand end before the header does. */
class Short extends Error {}

function parseMetadata(
  reader: Reader,
  file: string,
): { metadata: ReadonlyMap<string, GgufValue>; tensorCount: number } {
  if (reader.u32() !== MAGIC)
    throw new FormatError(file, 'the file does not begin with "GGUF"', { hint: 'This is not a GGUF file.' });
  const version = reader.u32();
  if (version !== 2 && version !== 3) {
    const isSwapped = version > 0xffff;
    throw new UnsupportedError(
      file,
      isSwapped ? 'the file is big-endian' : `the file has version ${version}`,
      'Versions 2 and 3 are read, little-endian; convert the model again with a current llama.cpp.',
    );
  }
  const tensorCount = reader.count(MAX_ENTRIES, 'tensors');
  const metadata = new Map<string, GgufValue>();
  for (let left = reader.count(MAX_ENTRIES, 'fields'); left > 0; left--) {
    const key = reader.text(MAX_NAME_BYTES);
    if (metadata.has(key)) throw new FormatError(file, `field "${key}" occurs twice`);
    metadata.set(key, reader.value(reader.u32(), key));
  }
  return { metadata, tensorCount };
}

function parseGguf(bytes: Uint8Array, fileSize: number, file: string): GgufHeader {
  const reader = new Reader(bytes, file);
  const { metadata, tensorCount } = parseMetadata(reader, file);
  const raw = Array.from({ length: tensorCount }, () => readTensor(reader, file));
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (typeof alignment !== 'number' || alignment < 1 || alignment > MAX_ALIGNMENT || !Number.isInteger(alignment))
    throw new FormatError(file, `field "general.alignment" is ${String(alignment).slice(0, 40)}`);
  const dataStart = Math.ceil(reader.at / alignment) * alignment;
  const tensors = raw.map(({ offset, bytes: length, ...of }) => ({
    ...of,
    start: dataStart + offset,
    end: dataStart + offset + length,
  }));
  checkPlaces(tensors, fileSize, file);
  return { metadata, tensors };
}

function readTensor(reader: Reader, file: string) {
  const name = reader.text(MAX_NAME_BYTES);
  const dimensions = reader.u32();
  if (dimensions > MAX_DIMENSIONS) throw new FormatError(file, `tensor "${name}" has ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, () => reader.size()).reverse();
  const type = reader.u32();
  const block = GGUF_BLOCKS.get(type);
  if (!block) {
    throw new UnsupportedError(
      file,
      `tensor "${name}" has type ${OTHER_TYPES[type] ?? type}, which is not read`,
      `Choose a file of another quantisation; read are ${[...GGUF_BLOCKS.values()].map((of) => of.name).join(', ')}.`,
    );
  }
  const values = shape.reduce((product, side) => product * side, 1);
  const bytes = (values / block.values) * block.bytes;
  if (!Number.isSafeInteger(bytes) || (shape.at(-1) ?? 1) % block.values !== 0)
    throw new FormatError(file, `tensor "${name}" of shape [${shape.join(', ')}] cannot be of type ${block.name}`);
  return { name, shape, block, bytes, offset: reader.size() };
}

function checkPlaces(tensors: readonly GgufTensor[], fileSize: number, file: string): void {
  const names = new Set<string>();
  let before = 0;
  for (const { name, start, end } of [...tensors].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (names.has(name)) throw new FormatError(file, `two tensors have the name "${name}"`);
    names.add(name);
    if (end > fileSize) {
      throw new FileTruncatedError(
        file,
        `tensor "${name}": its bytes end at ${end}, the file has only ${fileSize} bytes`,
      );
    }
    if (start < before) throw new FormatError(file, `tensor "${name}" overlaps the tensor before it`);
    before = end;
  }
}

class Reader {
  readonly #view: DataView;
  readonly #decoder = new TextDecoder();
  at = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly file: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where `count` bytes begin that are read next. */
  #take(count: number): number {
    const from = this.at;
    if (from + count > this.bytes.length) throw new Short();
    this.at = from + count;
    return from;
  }

  u32 = (): number => this.#view.getUint32(this.#take(4), true);

  size(): number {
    const value = this.#view.getBigUint64(this.#take(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new FormatError(this.file, `a size in the header is ${value}`);
    return Number(value);
  }

  count(most: number, what: string): number {
    const value = this.size();
    if (value > most) throw new FormatError(this.file, `the header claims ${value} ${what}; at most ${most} are read`);
    return value;
  }

  text(most = MAX_TEXT_BYTES): string {
    const length = this.count(most, 'bytes of text');
    const from = this.#take(length);
    return this.#decoder.decode(this.bytes.subarray(from, from + length));
  }

  value(type: number, key: string): GgufValue {
    if (type !== 9) return this.#scalar(type, key);
    const of = this.u32();
    const length = this.count(MAX_ARRAY, `values of "${key}"`);
    if (of === 9)
      throw new UnsupportedError(
        this.file,
        `field "${key}" is a list of lists`,
        'Convert the model again with a current llama.cpp.',
      );
    const items: (number | string | boolean)[] = [];
    for (let i = 0; i < length; i++) items.push(this.#scalar(of, key));
    return items as number[] | string[] | boolean[];
  }

  #scalar(type: number, key: string): number | string | boolean {
    const view = this.#view;
    switch (type) {
      case 0:
        return view.getUint8(this.#take(1));
      case 1:
        return view.getInt8(this.#take(1));
      case 2:
        return view.getUint16(this.#take(2), true);
      case 3:
        return view.getInt16(this.#take(2), true);
      case 4:
        return this.u32();
      case 5:
        return view.getInt32(this.#take(4), true);
      case 6:
        return view.getFloat32(this.#take(4), true);
      case 7:
        return view.getUint8(this.#take(1)) !== 0;
      case 8:
        return this.text();
      case 10:
        return this.size();
      case 11:
        return Number(view.getBigInt64(this.#take(8), true));
      case 12:
        return view.getFloat64(this.#take(8), true);
      default:
        throw new FormatError(this.file, `field "${key}" has type ${type}, which GGUF does not have`);
    }
  }
}
