// Attached files of rows, as folders in a CAR beside the rows: those of `pictures.jsonl` are in
// `pictures.attachments.car`. Written when pictures are imported and when a version is unpacked, read when rows are
// packed.

import { existsSync } from 'node:fs';
import { encode } from '@ipld/dag-pb';
import { exporter } from 'ipfs-unixfs-exporter';
import { CID } from 'multiformats/cid';
import type { Digester } from '#lib/core/digester.ts';
import type { AttachedFiles, Attachment } from '#lib/formats/datanet/attachments.ts';
import { checkBlock, DAG_PB, rawCidOf, type Block } from '#lib/formats/block/block.ts';
import { writeCar } from '#lib/formats/block/car.ts';
import { FileTruncatedError, FormatError } from '#lib/formats/errors.ts';
import { folderBlocks, type NewFile } from '#lib/ipfs/add-files.ts';
import { walkDag } from '#lib/ipfs/walk.ts';
import { replaceFile } from '#node/replace-file.ts';
import { openCarFile, writeCarFile, type CarFile } from './car-file.ts';

type Read = (cid: CID) => Promise<Uint8Array>;

const pathBeside = (rows: string): string => `${rows.replace(/[.]jsonl$/, '')}.attachments.car`;

/** @throws FileError, BadPathError, and errors of reading `files` */
export async function writeAttachments(rows: string, files: AsyncIterable<NewFile>) {
  const path = pathBeside(rows);
  let bytes = 0;
  async function* counted(): AsyncGenerator<Block, void, undefined> {
    for await (const block of folderBlocks(files)) {
      bytes += block.bytes.length;
      yield block;
    }
  }
  await writeCarFile(path, counted());
  return { file: path, bytes };
}

/** Most names in one folder, so that it fits into a block. */
const IN_FOLDER = 1000;
/** A folder's own data in UnixFS: field 1, the type, is 1. */
const FOLDER_DATA = new Uint8Array([8, 1]);

/**
 * Like `writeAttachments`, for files whose blocks exist already, so that each keeps its id regardless of how it was cut: the
 * files of a version, named by their ids.
 * @throws FileError, and errors of `read`
 */
export async function writeKeptFiles(rows: string, files: readonly Attachment[], read: Read, digester: Digester) {
  const path = pathBeside(rows);
  const folders: Block[] = [];
  for (let at = 0; at < files.length; at += IN_FOLDER) {
    const Links = files
      .slice(at, at + IN_FOLDER)
      .map(({ cid, bytes }) => ({ Hash: cid, Name: cid.toString(), Tsize: bytes }));
    const bytes = encode({ Data: FOLDER_DATA, Links });
    folders.push({ cid: CID.createV1(DAG_PB, rawCidOf(digester.sha256(bytes)).multihash), bytes });
  }
  async function* blocks() {
    yield* walkDag(
      read,
      files.map(({ cid }) => cid),
    );
    yield* folders;
  }
  const bytes = await replaceFile(
    path,
    writeCar(
      folders.map(({ cid }) => cid),
      blocks(),
    ),
  );
  return { file: path, files: files.length, bytes };
}

export interface BesideRows {
  files: AttachedFiles;
  /** The blocks of a version or contribution: first those of the files it links, its own block last. */
  withFiles<T extends { attachments: readonly Attachment[] }>(
    blocks: AsyncGenerator<Block, T, undefined>,
  ): AsyncGenerator<Block, T, undefined>;
  close(): Promise<void>;
}

export interface KeptBefore {
  files: readonly Attachment[];
  car: CarFile;
}

/**
 * The files beside `rows`, and those of the previous version. Empty when there are none.
 * @throws FileError, FormatError, FileTruncatedError, HashMismatchError
 */
export async function openAttachments(rows: string, before?: KeptBefore): Promise<BesideRows> {
  const path = pathBeside(rows);
  const car = existsSync(path) ? await openCarFile(path) : null;
  const read = async (cid: CID): Promise<Uint8Array> => {
    const bytes = (await car?.get(cid)) ?? (await before?.car.get(cid));
    if (!bytes) throw new FileTruncatedError(path, `block ${cid.toString()} is missing`);
    await checkBlock({ cid, bytes }, path);
    return bytes;
  };
  try {
    const beside = car ? await listFiles(car.roots, read, path) : [];
    return {
      files: new Map([...(before?.files ?? []).map(({ cid, bytes }) => [cid.toString(), bytes] as const), ...beside]),
      async *withFiles(blocks) {
        let held: Block | null = null;
        let next = await blocks.next();
        for (; !next.done; next = await blocks.next()) {
          if (held) yield held;
          held = next.value;
        }
        const roots = next.value.attachments.map(({ cid }) => cid);
        if (roots.length > 0) yield* walkDag(read, roots);
        if (held) yield held;
        return next.value;
      },
      close: async () => car?.close(),
    };
  } catch (error) {
    await car?.close();
    throw error;
  }
}

/** Ids and sizes of all files in the folders at `roots`. */
async function listFiles(roots: readonly CID[], read: Read, path: string): Promise<[string, number][]> {
  const blocks = {
    async *get(cid: CID) {
      yield await read(cid);
    },
  };
  const noFolder = () => new FormatError(path, 'its root is not a folder', { hint: 'Import the pictures again.' });
  if (roots.length === 0) throw noFolder();
  const files: [string, number][] = [];
  for (const root of roots) {
    const folder = await exporter(root, blocks);
    if (folder.type !== 'directory') throw noFolder();
    for await (const { cid } of folder.entries()) {
      const { size } = await exporter(cid, blocks);
      files.push([cid.toString(), Number(size)]);
    }
  }
  return files;
}
