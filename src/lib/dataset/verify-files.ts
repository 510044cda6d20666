// Verifies the files that a version or contribution links: reads and hashes all blocks of each, and checks that they form a
// UnixFS file of the linked size. Does not interpret content.

import type { CID } from 'multiformats/cid';
import type { Attachment } from '#lib/formats/datanet/attachments.ts';
import { TooLargeError } from '#lib/ipfs/errors.ts';
import { readFile } from '#lib/ipfs/read-files.ts';
import { VersionUnsoundError } from './errors.ts';
import type { BlockReader } from './read-blocks.ts';

/**
 * This product cuts files into blocks of 1 MiB, other tools into smaller ones. More blocks than this indicate a graph built to be
 * slow.
 */
const mostBlocks = (bytes: number): number => 64 + bytes / 1024;

/**
 * @throws VersionUnsoundError, BlockMissingError, HashMismatchError, FormatError (not a UnixFS file), AbortedError
 *
 * @example
 * import { verifyFiles } from '#lib/dataset/verify-files.ts';
 *
 * const attachments = await version.attachments();
 * await verifyFiles(attachments, version.block, version.name, signal);
 * show(`${attachments.length} files are whole`);
 */
export async function verifyFiles(
  attachments: readonly Attachment[],
  block: BlockReader['block'],
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  for (const { cid, bytes } of attachments) {
    const file = `file ${cid.toString()}`;
    const size = await sizeOf(cid, bytes, block, signal).catch((error: unknown) => {
      if (!(error instanceof TooLargeError)) throw error;
      throw new VersionUnsoundError(name, `${file} has more than ${bytes} bytes, or too many blocks for them`);
    });
    if (size !== bytes) throw new VersionUnsoundError(name, `${file} has ${size} bytes, its link says ${bytes}`);
  }
}

async function sizeOf(cid: CID, maxBytes: number, block: BlockReader['block'], signal?: AbortSignal): Promise<number> {
  let count = 0;
  const blocks = {
    async *get(wanted: CID) {
      if (++count > mostBlocks(maxBytes)) throw new TooLargeError(`${cid.toString()} has too many blocks`);
      yield await block(wanted, signal);
    },
  };
  let size = 0;
  for await (const piece of readFile({ blocks }, cid, { maxBytes, signal })) size += piece.length;
  return size;
}
