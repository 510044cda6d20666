// Files of an export as a folder of IPFS.

import type { CID } from 'multiformats/cid';
import { folderBlocks, type NewFile } from '#lib/ipfs/add-files.ts';
import { StoreFailedError } from '#lib/ipfs/errors.ts';
import type { ExportedFile } from '#lib/model/exports/exported-file.ts';

export const newFiles = (files: readonly ExportedFile[], signal?: AbortSignal): NewFile[] =>
  files.map(({ path, pieces }) => ({ path, content: pieces(signal) }));

/** The id that the folder will have. Nothing is stored. */
export async function folderId(files: readonly ExportedFile[], signal?: AbortSignal): Promise<CID> {
  let root: CID | null = null;
  for await (const { cid } of folderBlocks(newFiles(files, signal), { signal })) root = cid;
  if (root === null) throw new StoreFailedError('made of nothing');
  return root;
}
