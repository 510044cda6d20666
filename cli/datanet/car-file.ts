// A CAR on disk: written block by block, its root patched in when it is known, and read as a store of blocks. Reading
// looks at the heads of sections only; blocks are read and hashed on request.

import { open, type FileHandle } from 'node:fs/promises';
import { CID } from 'multiformats/cid';
import { varint } from 'multiformats';
import { MAX_BLOCK_BYTES, rawCidOf, type Block } from '#lib/formats/block/block.ts';
import { readCar, writeCar } from '#lib/formats/block/car.ts';
import { FileTruncatedError, FormatError } from '#lib/formats/errors.ts';
import type { BlockSource } from '#lib/dataset/read-blocks.ts';
import { FileError } from '#node/errors.ts';
import { replaceFile } from '#node/replace-file.ts';

const MAX_HEAD_BYTES = 5 + 256;
const MAX_HEADER_BYTES = 1 << 16;

/**
 * Writes what `blocks` yields to `path`, whole or not at all, and returns what it returned. The root is the last block.
 *
 * @throws FileError when `path` cannot be written, and errors of `blocks`
 */
export async function writeCarFile<T>(path: string, blocks: AsyncGenerator<Block, T, undefined>): Promise<T> {
  // Any id of the same codec and hash takes as many bytes.
  const placeholder = CID.createV1(0x71, rawCidOf(new Uint8Array(32)).multihash);
  const seen: { root: CID; result?: T } = { root: placeholder };
  const passing = async function* (): AsyncGenerator<Block, void, undefined> {
    let next = await blocks.next();
    for (; !next.done; next = await blocks.next()) {
      seen.root = next.value.cid;
      yield next.value;
    }
    seen.result = next.value;
  };
  await replaceFile(path, writeCar([placeholder], passing()), async (file) => {
    for await (const header of writeCar([seen.root], [])) await file.write(header, 0, header.length, 0);
  });
  return seen.result as T;
}

export interface CarFile extends BlockSource {
  readonly roots: readonly CID[];
  /** Bytes of a block, or null. */
  size(cid: CID): number | null;
  close(): Promise<void>;
}

/** @throws FileError, FormatError, FileTruncatedError */
export async function openCarFile(path: string): Promise<CarFile> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new FileError(path, missing ? 'there is no such file' : 'the file cannot be read', 'Check the path.', cause);
  });
  try {
    if (!(await file.stat()).isFile()) throw new FileError(path, 'this is not a file', 'Check the path.');
    const { roots, places } = await indexCar(file, path);
    return {
      name: path,
      roots,
      size: (cid) => places.get(cid.toString())?.length ?? null,
      async get(cid, signal) {
        signal?.throwIfAborted();
        const place = places.get(cid.toString());
        return place ? await readAt(file, place.at, place.length) : null;
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Place {
  at: number;
  length: number;
}

async function indexCar(file: FileHandle, path: string): Promise<{ roots: CID[]; places: Map<string, Place> }> {
  const { size } = await file.stat();
  const start = await readAt(file, 0, Math.min(size, MAX_HEADER_BYTES + MAX_HEAD_BYTES));
  const { roots, blocks } = await readCar([start], { name: path });
  await blocks.return();
  const places = new Map<string, Place>();
  let at = 0;
  for (let section = 0; at < size; section++) {
    const head = await readAt(file, at, Math.min(size - at, MAX_HEAD_BYTES));
    const found = sectionHead(head, section === 0, `${path}: block ${section - 1}`, path);
    at += found.head;
    if (at + found.length > size)
      throw new FileTruncatedError(path, `block ${section - 1} ends before its ${found.length} bytes`);
    if (found.cid) places.set(found.cid.toString(), { at, length: found.length });
    at += found.length;
  }
  return { roots, places };
}

function sectionHead(bytes: Uint8Array, isHeader: boolean, what: string, path: string) {
  try {
    const [length, lengthBytes] = varint.decode(bytes);
    if (isHeader) return { head: lengthBytes, length, cid: null };
    const [cid, rest] = CID.decodeFirst(bytes.subarray(lengthBytes));
    const cidBytes = bytes.length - lengthBytes - rest.length;
    if (length < cidBytes || length - cidBytes > MAX_BLOCK_BYTES) throw new RangeError(`it claims ${length} bytes`);
    return { head: lengthBytes + cidBytes, length: length - cidBytes, cid };
  } catch (cause) {
    throw new FormatError(path, `${what.slice(path.length + 2)} cannot be read (${(cause as Error).message})`, {
      cause,
    });
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, length - at, position + at);
    if (bytesRead === 0) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}
