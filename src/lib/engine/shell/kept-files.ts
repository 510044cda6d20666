// Copies of a model's files in this browser's private storage: checked against their sha256 while they come in,
// there for the next visit and offline. It knows files and hashes; it does not know what the files mean.

import { createSHA256 } from 'hash-wasm';
import { AbortedError } from '#lib/core/errors.ts';
import type { FolderRef } from '#lib/core/folder.ts';
import { DownloadError, WrongBytesError } from '#lib/files/errors.ts';
import type { FileEntry } from '#lib/files/file-entry.ts';

export interface KeptFiles {
  /** The folder as it is kept here; undefined while any of `files` is missing. */
  open(files: readonly FileEntry[]): Promise<Extract<FolderRef, { kind: 'files' }> | undefined>;
  /** Fetches what is missing. Files already complete are not fetched again, so a broken download resumes. */
  fetch(url: string, files: readonly FileEntry[], options: FetchOptions): Promise<void>;
  /** Hashes a kept file again. False when it is damaged or gone; it is removed then, and the next opening fetches it. */
  check(file: FileEntry, signal: AbortSignal): Promise<boolean>;
  /** Removes what an older index named and this one does not. Returns how many files went. */
  keepOnly(files: readonly FileEntry[]): Promise<number>;
}

export interface FetchOptions {
  /** Called with the bytes present so far, kept ones included. */
  onProgress(loadedBytes: number): void;
  signal?: AbortSignal | undefined;
}

/** Bytes hashed at a time: short enough that the page stays quick. */
const PIECE = 1 << 20;

/** Files are kept under their hash: the same bytes are kept once and a changed file is another file. */
const keptName = (entry: FileEntry) => `${entry.sha256}.bin`;

/** Null where the browser has no private file storage or refuses it. */
export async function openKeptFiles(name: string): Promise<KeptFiles | null> {
  let folder: FileSystemDirectoryHandle;
  try {
    const root = await navigator.storage.getDirectory();
    folder = await (
      await root.getDirectoryHandle('models', { create: true })
    ).getDirectoryHandle(name, { create: true });
    if (!('createWritable' in FileSystemFileHandle.prototype)) return null;
  } catch {
    return null;
  }
  const kept = async (entry: FileEntry): Promise<File | undefined> => {
    const file = await folder.getFileHandle(keptName(entry)).then(
      (handle) => handle.getFile(),
      () => undefined,
    );
    return file?.size === entry.bytes ? file : undefined;
  };

  return {
    async open(files) {
      const opened = [];
      for (const entry of files) {
        const file = await kept(entry);
        if (!file) return undefined;
        opened.push({ path: entry.path, file, sha256: entry.sha256 });
      }
      return { kind: 'files', name, files: opened };
    },
    async fetch(url, files, { onProgress, signal }) {
      let present = 0;
      for (const entry of files) {
        if (!(await kept(entry))) await fetchFile(url, entry, folder, (bytes) => onProgress(present + bytes), signal);
        present += entry.bytes;
        onProgress(present);
      }
    },
    async check(entry, signal) {
      const file = await kept(entry);
      if (file && (await sha256Of(file, signal)) === entry.sha256) return true;
      await folder.removeEntry(keptName(entry)).catch(() => undefined);
      return false;
    },
    async keepOnly(files) {
      const wanted = new Set(files.map(keptName));
      const names = await Array.fromAsync(folder.keys());
      // Only names we give are ours to remove; the browser keeps downloads under way beside them.
      const superseded = names.filter((file) => /^[0-9a-f]{64}\.bin$/.test(file) && !wanted.has(file));
      for (const file of superseded) await folder.removeEntry(file).catch(() => undefined);
      return superseded.length;
    },
  };
}

async function sha256Of(file: Blob, signal: AbortSignal): Promise<string | undefined> {
  const hash = await createSHA256();
  hash.init();
  for (let at = 0; at < file.size; at += PIECE) {
    if (signal.aborted) throw new AbortedError(signal.reason);
    // A file that cannot be read is as good as damaged.
    const piece = await file
      .slice(at, at + PIECE)
      .arrayBuffer()
      .catch(() => undefined);
    if (!piece) return undefined;
    hash.update(new Uint8Array(piece));
  }
  return hash.digest('hex');
}

/** A file appears in the folder only when its last byte was checked; until then the browser holds it apart. */
async function fetchFile(
  url: string,
  entry: FileEntry,
  folder: FileSystemDirectoryHandle,
  onBytes: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const response = await fetch(new URL(entry.path, url), { signal: signal ?? null }).catch((error: unknown) => {
    if (signal?.aborted) throw new AbortedError(error);
    throw new DownloadError(entry.path, 'the server could not be reached', error);
  });
  if (!response.ok || !response.body) throw new DownloadError(entry.path, `the server answered ${response.status}`);
  const hash = await createSHA256();
  hash.init();
  const handle = await folder.getFileHandle(keptName(entry), { create: true });
  const writable = await handle.createWritable();
  try {
    let bytes = 0;
    for await (const piece of readPieces(response.body, entry.path, signal)) {
      bytes += piece.byteLength;
      if (bytes > entry.bytes)
        throw new WrongBytesError(entry.path, `it is longer than the ${entry.bytes} bytes promised`);
      hash.update(piece);
      await writable.write(piece);
      onBytes(bytes);
    }
    if (bytes !== entry.bytes)
      throw new WrongBytesError(entry.path, `${entry.bytes} bytes were promised and ${bytes} came`);
    if (hash.digest('hex') !== entry.sha256)
      throw new WrongBytesError(entry.path, 'its sha256 is not the one promised');
    await writable.close();
  } catch (error) {
    await writable.abort().catch(() => undefined);
    await folder.removeEntry(keptName(entry)).catch(() => undefined);
    throw error;
  }
}

async function* readPieces(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  path: string,
  signal: AbortSignal | undefined,
) {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        if (signal?.aborted) throw new AbortedError(error);
        throw new DownloadError(path, 'the connection broke', error);
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
