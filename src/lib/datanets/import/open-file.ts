// Opens a file as plain UTF-8 bytes: decompresses gzip and zstd, and converts other encodings. Works as a stream and within
// bounds; never holds the whole file.

import { FormatError, UnsupportedError } from '#lib/formats/errors.ts';
import type { ByteSource } from '#lib/formats/block/car.ts';
import type { ImportFile } from './import-file.ts';
import { unpackGzip, unpackZstd } from './unpack.ts';

export interface OpenOptions {
  /** Encoding of a text, by its name in the Encoding Standard; default: UTF-8, or as a byte order mark says. */
  encoding?: string | undefined;
}

export interface OpenedFile extends ImportFile {
  /** Bytes taken from the file so far, when they differ from the bytes yielded. */
  taken?: () => number;
}

const PACKINGS: readonly {
  magic: readonly number[];
  name: string;
  unpack?: (bytes: ByteSource, name: string) => ByteSource;
}[] = [
  { magic: [0x1f, 0x8b], name: 'gzip', unpack: unpackGzip },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd', unpack: unpackZstd },
  { magic: [0x42, 0x5a, 0x68], name: 'bzip2' },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], name: 'xz' },
  { magic: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], name: '7-Zip' },
];

/** @throws UnsupportedError for other compressions and unknown encodings */
export async function openFile(source: ImportFile, { encoding }: OpenOptions): Promise<OpenedFile> {
  const file = await unpacked(source);
  const head = await file.read(0, 4);
  // A UTF-16 byte order mark is followed. UTF-32 begins alike and is not supported.
  const isWide = head[2] === 0 && head[3] === 0;
  const marked = isWide
    ? null
    : head[0] === 0xff && head[1] === 0xfe
      ? 'utf-16le'
      : head[0] === 0xfe && head[1] === 0xff
        ? 'utf-16be'
        : null;
  const label = encoding ?? marked;
  return label === null || /^utf-?8$/i.test(label) ? file : inUtf8(file, label);
}

async function unpacked(file: ImportFile): Promise<OpenedFile> {
  const head = await file.read(0, 8);
  const packing = PACKINGS.find(({ magic }) => magic.every((byte, at) => head[at] === byte));
  if (!packing) return file;
  const { name, unpack } = packing;
  if (!unpack) throw new UnsupportedError(file.name, `it is packed with ${name}`, 'Unpack it first.');
  return through(file, file.name.replace(/\.(?:gz|gzip|zst|zstd)$/i, ''), (bytes) => unpack(bytes, file.name));
}

function inUtf8(file: OpenedFile, label: string): OpenedFile {
  try {
    new TextDecoder(label);
  } catch {
    throw new UnsupportedError(
      file.name,
      `there is no encoding "${label.slice(0, 40)}"`,
      'Name one such as windows-1252.',
    );
  }
  async function* decoded(bytes: ByteSource): AsyncGenerator<Uint8Array> {
    const decoder = new TextDecoder(label, { fatal: true });
    const encoder = new TextEncoder();
    const decode = (piece?: Uint8Array): Uint8Array => {
      try {
        return encoder.encode(decoder.decode(piece, { stream: piece !== undefined }));
      } catch (cause) {
        throw new FormatError(file.name, `the text is not valid ${label}`, { hint: 'Name its encoding.', cause });
      }
    };
    for await (const piece of bytes) yield decode(piece);
    yield decode();
  }
  return through(file, file.name, decoded);
}

/** `file` with its bytes passed through `change`. */
function through(file: OpenedFile, name: string, change: (bytes: ByteSource) => ByteSource): OpenedFile {
  let taken = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    taken = 0;
    for await (const piece of file.stream()) {
      taken += piece.length;
      yield piece;
    }
  }
  return {
    name,
    size: file.size,
    stream: () => change(counted()),
    taken: () => file.taken?.() ?? taken,
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      let at = 0;
      for await (const piece of change(file.stream())) {
        const from = Math.max(0, start - at);
        const part = piece.subarray(from, Math.max(from, end - at));
        bytes.set(part, Math.max(0, at - start));
        at += piece.length;
        if (at >= end) return bytes;
      }
      return bytes.slice(0, Math.max(0, at - start));
    },
  };
}
