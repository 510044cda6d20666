// Files that rows bring with them, as one folder in a CAR beside the rows: `pictures.jsonl` has them in `pictures.attachments.car`.
// Written when pictures are imported, read when their rows are packed.

import { existsSync } from 'node:fs';
import { exporter } from 'ipfs-unixfs-exporter';
import type { CID } from 'multiformats/cid';
import type { AttachedFiles, Attachment } from '#lib/core/format/attachments.ts';
import { checkBlock, type Block } from '#lib/core/format/block.ts';
import { FileTruncatedError, FormatError } from '#lib/core/format/errors.ts';
import { folderBlocks, type NewFile } from '#lib/ipfs/add-files.ts';
import { walkDag } from '#lib/ipfs/walk.ts';
import { openCarFile, writeCarFile, type CarFile } from './car-file.ts';

const pathBeside = (rows: string): string => `${rows.replace(/[.]jsonl$/, '')}.attachments.car`;

/** @throws FileError, BadPathError, and whatever reading `files` throws */
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

export interface BesideRows {
  files: AttachedFiles;
  /** The blocks of a version or contribution, its own last, and before that those of the files it links. */
  withFiles<T extends { attachments: readonly Attachment[] }>(
    blocks: AsyncGenerator<Block, T, undefined>,
  ): AsyncGenerator<Block, T, undefined>;
  close(): Promise<void>;
}

/** What lies beside `rows`; without a CAR there, nothing. @throws FileError, FormatError, FileTruncatedError, HashMismatchError */
export async function openAttachments(rows: string): Promise<BesideRows> {
  const path = pathBeside(rows);
  if (!existsSync(path)) return { files: new Map(), withFiles: (blocks) => blocks, close: async () => undefined };
  const car = await openCarFile(path);
  const read = (cid: CID): Promise<Uint8Array> => readChecked(car, path, cid);
  try {
    return {
      files: await listFiles(car.roots, read, path),
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
      close: () => car.close(),
    };
  } catch (error) {
    await car.close();
    throw error;
  }
}

type Read = (cid: CID) => Promise<Uint8Array>;

async function listFiles([root, ...others]: readonly CID[], read: Read, path: string): Promise<AttachedFiles> {
  const blocks = {
    async *get(cid: CID) {
      yield await read(cid);
    },
  };
  const folder = root && others.length === 0 ? await exporter(root, blocks) : null;
  if (folder?.type !== 'directory') {
    throw new FormatError(path, 'its root is no folder', { hint: 'Import the pictures again.' });
  }
  const files = new Map<string, number>();
  for await (const { cid } of folder.entries()) {
    const { size } = await exporter(cid, blocks);
    files.set(cid.toString(), Number(size));
  }
  return files;
}

async function readChecked(car: CarFile, path: string, cid: CID): Promise<Uint8Array> {
  const bytes = await car.get(cid);
  if (!bytes) throw new FileTruncatedError(path, `block ${cid.toString()} is missing`);
  await checkBlock({ cid, bytes }, path);
  return bytes;
}
