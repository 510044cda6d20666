// Files of models that web-llm runs, in the browser's cache where web-llm looks for them. Each file is checked against its hash before
// it is put there, under an address that leads nowhere: web-llm can read what was checked and nothing else.

import { AbortedError } from '#lib/core/errors.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import type { ReadRange } from '#lib/files/download/fetch-file.ts';
import { WrongBytesError } from '#lib/files/errors.ts';
import { createFileHasher, type PinnedFile } from '#lib/files/pinned-file.ts';
import { PrebuiltFilesError } from './errors.ts';

/** Where files come from. */
export interface PrebuiltSource {
  files: readonly PinnedFile[];
  read: ReadRange;
}

/** Names under .invalid belong to no server. */
const ROOT = 'https://web-llm.invalid/';
/** web-llm's own names of its caches, by what is in them. */
const CACHES = { config: 'webllm/config', library: 'webllm/wasm', weights: 'webllm/model' };
const CONFIG = 'mlc-chat-config.json';
/** Written last: with it, all files are there. */
const COMPLETE = 'complete.json';
/** What web-llm asks for; other files of the folder stay where they are. */
const NEEDED =
  /^(mlc-chat-config\.json|ndarray-cache\.json|tokenizer\.json|tokenizer\.model|params_shard_\d{1,5}\.bin)$/;
const MAX_FILE_BYTES = 1 << 30;

/** The address under which web-llm finds the model; it wants a branch in it. */
export const prebuiltRoot = (id: string): string => `${ROOT}${encodeURIComponent(id)}/resolve/main/`;
export const prebuiltLibrary = (id: string): string => `${prebuiltRoot(id)}library.wasm`;

export async function isPrebuiltKept(id: string): Promise<boolean> {
  const cache = await caches.open(CACHES.config);
  return (await cache.match(prebuiltRoot(id) + COMPLETE)) !== undefined;
}

export async function removePrebuilt(id: string): Promise<void> {
  for (const name of Object.values(CACHES)) {
    const cache = await caches.open(name);
    const ours = (await cache.keys()).filter(({ url }) => url.startsWith(prebuiltRoot(id)));
    for (const request of ours) await cache.delete(request);
  }
}

/** Files that are there already are not fetched again, so a stopped download goes on where it was. */
export async function keepPrebuilt(
  id: string,
  weights: PrebuiltSource,
  library: PrebuiltSource,
  onProgress: (loadedBytes: number, totalBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const files = weights.files.filter(({ path }) => NEEDED.test(path));
  if (!files.some(({ path }) => path === CONFIG)) throw new PrebuiltFilesError(id, `the folder has no ${CONFIG}`);
  const wanted = [
    ...files.map((file) => ({ file, read: weights.read, url: prebuiltRoot(id) + file.path })),
    ...library.files.map((file) => ({ file, read: library.read, url: prebuiltLibrary(id) })),
  ];
  const totalBytes = wanted.reduce((sum, { file }) => sum + file.bytes, 0);
  let done = 0;
  for (const { file, read, url } of wanted) {
    const name = url === prebuiltLibrary(id) ? CACHES.library : file.path === CONFIG ? CACHES.config : CACHES.weights;
    const cache = await caches.open(name);
    if (!(await cache.match(url))) {
      const bytes = await checkedBytes(file, read, (loaded) => onProgress(done + loaded, totalBytes), signal);
      await cache.put(url, new Response(bytes, { headers: { 'content-type': contentType(file.path) } }));
    }
    done += file.bytes;
    onProgress(done, totalBytes);
  }
  const listed = JSON.stringify(wanted.map(({ file }) => file));
  await (await caches.open(CACHES.config)).put(prebuiltRoot(id) + COMPLETE, new Response(listed));
}

/** What web-llm will read as the model's configuration; it was checked when it was kept. */
export async function readPrebuiltConfig(id: string): Promise<Record<string, unknown>> {
  const kept = await (await caches.open(CACHES.config)).match(prebuiltRoot(id) + CONFIG);
  const config: unknown = await kept?.json();
  if (!isJsonObject(config)) throw new PrebuiltFilesError(id, `${CONFIG} is not an object`);
  return config;
}

const contentType = (path: string): string =>
  path.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream';

async function checkedBytes(
  file: PinnedFile,
  read: ReadRange,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (file.bytes > MAX_FILE_BYTES)
    throw new WrongBytesError(file.path, `it has ${file.bytes} bytes, more than ${MAX_FILE_BYTES}`);
  const bytes = new Uint8Array(file.bytes);
  const hasher = await createFileHasher(file);
  let at = 0;
  for await (const piece of read(file, 0, file.bytes, signal)) {
    if (signal.aborted) throw new AbortedError(signal.reason);
    if (at + piece.length > bytes.length) throw new WrongBytesError(file.path, 'it is longer than promised');
    bytes.set(piece, at);
    hasher.update(piece);
    at += piece.length;
    onBytes(at);
  }
  if (at !== bytes.length) throw new WrongBytesError(file.path, `${bytes.length} bytes were promised and ${at} came`);
  if (hasher.digest() !== file.hash) throw new WrongBytesError(file.path, 'its hash is not the one promised');
  return bytes;
}
