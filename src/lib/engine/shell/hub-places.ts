// Where this browser keeps what it downloaded: one folder of the private file storage for each version of a model, and one lock for each folder,
// so that two tabs never write into it at once. It knows files and hashes; the ledger in db/ knows what they are.

import type { FolderRef } from '#lib/core/folder.ts';
import { toHex } from '#lib/core/bytes.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';
import { ggufFolderPath } from '#lib/model/sources/gguf-file.ts';
import { KeptGoneError, PlaceBusyError } from './errors.ts';
import { opfsFileName } from './opfs-file-name.ts';

const ROOT = 'hub';
const SMALL = 1 << 20;
const lockOf = (id: string): string => `payable-hub:${id}`;
/** Names of files cannot hold a slash and may not be long; the end of an id is enough, since it is a hash. */
const nameOf = (id: string): string => encodeURIComponent(id).slice(-200);

async function root(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(ROOT, { create: true });
}

/** The folder of one commit, made when it is missing. */
export const openHubPlace = async (id: string): Promise<FileSystemDirectoryHandle> =>
  (await root()).getDirectoryHandle(nameOf(id), { create: true });

/** Takes the place for this tab until `release` is called or the tab ends. @throws PlaceBusyError when another tab has it */
export function takeHubPlace(id: string): Promise<{ release(): void }> {
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(lockOf(id), { ifAvailable: true }, (lock) => {
      if (!lock) throw new PlaceBusyError(id);
      return new Promise<void>((release) => resolve({ release }));
    });
    held.catch(reject);
  });
}

/** Resolves when no tab writes into the place, or when the signal says stop. */
export async function whenHubPlaceIsFree(id: string, signal: AbortSignal): Promise<void> {
  await navigator.locks.request(lockOf(id), { signal }, () => undefined).catch(() => undefined);
}

/** The kept files as a folder that the engine can open. Makes no request. @throws KeptGoneError */
export async function openKeptHub(
  id: string,
  name: string,
  files: readonly (PinnedFile & { sha256?: string })[],
): Promise<Extract<FolderRef, { kind: 'files' }>> {
  const folder = await openHubPlace(id);
  const opened = await Promise.all(
    files.map(async (file) => {
      const handle = await folder.getFileHandle(opfsFileName(file, 'complete')).catch(() => null);
      const kept = await handle?.getFile();
      if (kept?.size !== file.bytes) throw new KeptGoneError(name, file.path);
      const sha256 = await sha256Of(file, kept);
      return { path: ggufFolderPath(file.path), file: kept, ...(sha256 !== undefined && { sha256 }) };
    }),
  );
  return { kind: 'files', name, files: opened };
}

/** Files that are not in git LFS are named by git's hash; the small ones, config.json among them, are hashed here. */
async function sha256Of({ hash, sha256 }: PinnedFile & { sha256?: string }, kept: File): Promise<string | undefined> {
  if (sha256 !== undefined) return sha256;
  if (hash.startsWith('sha256:')) return hash.slice('sha256:'.length);
  if (kept.size > SMALL) return undefined;
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', await kept.arrayBuffer()))).slice(2);
}

/** Deletes the files of one commit. @throws PlaceBusyError while a tab downloads into the place */
export async function deleteHubPlace(id: string): Promise<void> {
  const { release } = await takeHubPlace(id);
  try {
    await (await root()).removeEntry(nameOf(id), { recursive: true });
  } catch (error) {
    if ((error as Error).name !== 'NotFoundError') throw error;
  } finally {
    release();
  }
}
