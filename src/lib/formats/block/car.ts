// The CAR container (version 1): a list of roots, then blocks one after the other. Reading is safe for untrusted input: every
// block is hashed, and every length is bounded before its bytes are buffered.
//
//   varint length, dag-cbor { version: 1, roots: [CID] }, then per block: varint length, CID, bytes

import { decode, encode } from '@ipld/dag-cbor';
import { CID } from 'multiformats/cid';
import { varint } from 'multiformats';
import { AbortedError } from '#lib/core/errors.ts';
import { checkBlock, MAX_BLOCK_BYTES, supportedCid, type Block } from './block.ts';
import { FileTruncatedError, FormatError, UnsupportedError } from '../errors.ts';

export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface CarOptions {
  /** Name used in errors; default "CAR". */
  name?: string;
  /** Most bytes of blocks; default 64 GiB. */
  maxBytes?: number;
  /** Most blocks; default 4,194,304. */
  maxBlocks?: number;
  signal?: AbortSignal | undefined;
}

export interface Car {
  roots: CID[];
  /** Each block after its hash was verified. Iterate it once, to its end, or return it. */
  blocks: AsyncGenerator<Block, void, undefined>;
}

const MAX_HEADER_BYTES = 1 << 16;
const MAX_CID_BYTES = 256;
/** Enough for lengths below 2^35. */
const MAX_VARINT_BYTES = 5;
/** The fixed first bytes of version 2. */
const VERSION_2 = [0x0a, 0xa1, 0x67, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x02];

/**
 * Reads the header of a CAR and yields its blocks as they arrive; holds at most one block.
 * @throws FileTruncatedError, FormatError, UnsupportedError, HashMismatchError, AbortedError; `blocks` throws them, too. All
 * blocks before the error were valid.
 */
export async function readCar(source: ByteSource, options: CarOptions = {}): Promise<Car> {
  const { name = 'CAR' } = options;
  const bytes = new Arriving(source, options.signal);
  try {
    const roots = await readHeader(bytes, name);
    const blocks = readBlocks(bytes, name, options);
    // `return` on a generator that never started runs none of its code, so the source is closed here.
    const end = blocks.return.bind(blocks);
    blocks.return = async (value) => {
      await bytes.close();
      return end(value);
    };
    return { roots, blocks };
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

async function readHeader(bytes: Arriving, name: string): Promise<CID[]> {
  const length = await readLength(bytes, name, 'the header', MAX_HEADER_BYTES);
  if (length === undefined) throw new FileTruncatedError(name, 'it is empty');
  const encoded = await bytes.take(length);
  if (!encoded) throw new FileTruncatedError(name, `the header ends before its ${length} bytes`);
  if (length === VERSION_2[0] && VERSION_2.every((byte, at) => at === 0 || encoded[at - 1] === byte)) {
    throw new UnsupportedError(name, 'it is a CAR of version 2', 'Export it as version 1.');
  }
  let header: unknown;
  try {
    header = decode(encoded);
  } catch (cause) {
    throw new FormatError(name, 'the header is not dag-cbor', {
      hint: 'This is no CAR file, or it is damaged.',
      cause,
    });
  }
  const { version, roots } = (header ?? {}) as { version?: unknown; roots?: unknown };
  if (version !== 1 || !Array.isArray(roots)) throw new FormatError(name, 'the header has no version 1 with roots');
  return roots.map((root) => {
    const cid = CID.asCID(root);
    if (!cid) throw new FormatError(name, 'a root in the header is not a content id');
    return supportedCid(cid, name);
  });
}

async function* readBlocks(bytes: Arriving, name: string, options: CarOptions): AsyncGenerator<Block, void, undefined> {
  const { maxBytes = 2 ** 36, maxBlocks = 2 ** 22 } = options;
  let total = 0;
  try {
    for (let at = 0; ; at++) {
      const what = `block ${at}`;
      const length = await readLength(bytes, name, what, MAX_BLOCK_BYTES + MAX_CID_BYTES);
      if (length === undefined) return;
      if (at >= maxBlocks) throw new FormatError(name, `it has more than ${maxBlocks} blocks`, TOO_LARGE);
      const section = await bytes.take(length);
      if (!section) throw new FileTruncatedError(name, `${what} ends before its ${length} bytes`);
      const block = splitSection(section, name, what);
      total += block.bytes.length;
      if (total > maxBytes) throw new FormatError(name, `its blocks have more than ${maxBytes} bytes`, TOO_LARGE);
      await checkBlock(block, name);
      yield block;
    }
  } finally {
    await bytes.close();
  }
}

const TOO_LARGE = { hint: 'Split it, or allow more.' };

function splitSection(section: Uint8Array, name: string, what: string): Block {
  let found: [CID, Uint8Array];
  try {
    found = CID.decodeFirst(section);
  } catch (cause) {
    throw new FormatError(name, `${what} does not begin with a content id`, { cause });
  }
  // Copy into its own buffer: a store keeps the whole buffer behind a view, and `slice` of a Buffer is a view.
  return { cid: found[0], bytes: new Uint8Array(found[1]) };
}

/** The next varint, or undefined at the end of the bytes. */
async function readLength(bytes: Arriving, name: string, what: string, most: number): Promise<number | undefined> {
  let length = 0;
  for (let at = 0; at < MAX_VARINT_BYTES; at++) {
    const byte = (await bytes.take(1))?.[0];
    if (byte === undefined) {
      if (at === 0) return undefined;
      throw new FileTruncatedError(name, `it ends in the length of ${what}`);
    }
    length += (byte & 0x7f) * 128 ** at;
    if (byte >= 0x80) continue;
    if (at > 0 && byte === 0) throw new FormatError(name, `the length of ${what} is not written shortest`);
    if (length === 0) throw new FormatError(name, `${what} has length 0`);
    if (length > most) throw new FormatError(name, `${what} claims ${length} bytes; at most ${most} are read`);
    return length;
  }
  throw new FormatError(name, `the length of ${what} has no end`);
}

/** Takes pieces of requested sizes from chunks of any size. Buffers no more than the request and one chunk. */
class Arriving {
  readonly #source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  readonly #signal: AbortSignal | undefined;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;
  #ended = false;

  constructor(source: ByteSource, signal: AbortSignal | undefined) {
    this.#source = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.#signal = signal;
  }

  /** Exactly `size` bytes, or undefined when fewer are left. */
  async take(size: number): Promise<Uint8Array | undefined> {
    if (this.#signal?.aborted) throw new AbortedError(this.#signal.reason);
    if (this.#piece.length - this.#at >= size) return this.#piece.subarray(this.#at, (this.#at += size));
    const parts: Uint8Array[] = [];
    for (let missing = size; missing > 0;) {
      if (this.#at === this.#piece.length && !(await this.#next())) return undefined;
      const part = this.#piece.subarray(this.#at, this.#at + missing);
      this.#at += part.length;
      missing -= part.length;
      parts.push(part);
    }
    return join(parts, size);
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#source.return?.();
  }

  async #next(): Promise<boolean> {
    if (this.#ended) return false;
    const next = await this.#source.next();
    if (next.done) this.#ended = true;
    else [this.#piece, this.#at] = [next.value, 0];
    return !next.done;
  }
}

function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * A CAR of these blocks, in their order, piece by piece. Blocks are not hashed again: the caller has done it.
 * @throws FormatError when a block or the list of roots is larger than `readCar` accepts
 */
export async function* writeCar(
  roots: readonly CID[],
  blocks: AsyncIterable<Block> | Iterable<Block>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield carHeader(roots);
  for await (const { cid, bytes } of blocks) {
    if (bytes.length > MAX_BLOCK_BYTES) {
      throw new FormatError('CAR', `block ${cid.toString()} has ${bytes.length} bytes, more than ${MAX_BLOCK_BYTES}`);
    }
    yield carSectionHead(cid, bytes.length);
    if (bytes.length > 0) yield bytes;
  }
}

function carHeader(roots: readonly CID[]): Uint8Array {
  const header: Uint8Array = encode({ version: 1, roots });
  if (header.length > MAX_HEADER_BYTES)
    throw new FormatError('CAR', `${roots.length} roots are too many for one header`);
  return join([varintBytes(header.length), header], varint.encodingLength(header.length) + header.length);
}

function carSectionHead(cid: CID, byteLength: number): Uint8Array {
  const length = varintBytes(cid.bytes.length + byteLength);
  return join([length, cid.bytes], length.length + cid.bytes.length);
}

const varintBytes = (value: number): Uint8Array => varint.encodeTo(value, new Uint8Array(varint.encodingLength(value)));
