// The files at an address. A server lists nothing, so the usual names are tried, with one byte of each; shards are named by their index.

import { toHex } from '#lib/core/bytes.ts';
import { readBody } from '#lib/core/answer-watch.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import { FileMissingError } from '#lib/formats/errors.ts';
import { filesOfModel, LIKELY_FILES } from '#lib/formats/model/files-of-model.ts';
import { AddressChangedError, DownloadError } from '../errors.ts';
import { inLanes } from '../in-lanes.ts';
import { patiently } from '../patiently.ts';
import type { PinnedFile } from '../pinned-file.ts';
import type { Repo, RepoListing } from '../repo.ts';
import { addressOf, requestRange, type AddressOptions } from './address-request.ts';

/** A server that does not send parts of files may still send short ones whole. */
const MAX_WHOLE_BYTES = 8 << 20;
const MAX_INDEX_BYTES = 16 << 20;
const MAX_SHARDS = 1000;
const MAX_FILE_BYTES = 2 ** 40;
const LANES = 6;
const PART = /-(\d{5})-of-(\d{5})(?=\.gguf$)/i;

/** @throws FileMissingError, AddressChangedError where `repo` names another version, DownloadError, AbortedError */
export async function listAddressFiles(options: AddressOptions, repo: Repo, signal: AbortSignal): Promise<RepoListing> {
  const { id, revision } = repo;
  const { pathname, host } = new URL(id);
  const isFile = /\.gguf$/i.test(pathname);
  const base = isFile ? id : folderAddress(id);
  const files = new Map<string, PinnedFile>();
  const look = async (path: string) => {
    const file = await probe(options, base, path, signal);
    if (file) files.set(path, file);
  };
  if (isFile) {
    await inLanes(partsOf(fileName(id)), LANES, look);
  } else {
    await inLanes(LIKELY_FILES, LANES, look);
    for (const index of ['model.safetensors.index.json', 'pytorch_model.bin.index.json']) {
      const file = files.get(index);
      if (file) await inLanes(await shardsIn(options, base, file, signal), LANES, look);
    }
  }
  if (files.size === 0) throw new FileMissingError(host, isFile ? pathname : new URL('config.json', base).pathname);
  const found = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const commit = await digest([id, ...found.map(({ hash }) => hash)]);
  if (revision !== '' && revision !== commit) throw new AddressChangedError(id);
  return { ...repo, commit, isGated: false, files: found };
}

export function folderAddress(id: string): string {
  const url = new URL(id);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}

/** The last step of the path, as a name that every disk can hold. */
function fileName(id: string): string {
  const { host, pathname } = new URL(id);
  const step = pathname.split('/').at(-1)!;
  let name = step;
  try {
    name = decodeURIComponent(step);
  } catch {
    // A percent sign that stands for itself.
  }
  if (!/[/\\:\p{Cc}\ufffd]/u.test(name)) return name;
  throw new DownloadError(`${host}${pathname}`, 'it cannot be kept under this name');
}

/** The file, or all files of a model in parts, of which one was named. */
function partsOf(name: string): string[] {
  const [, , last] = PART.exec(name) ?? [];
  const count = Number(last ?? 1);
  if (last === undefined || count > MAX_SHARDS) return [name];
  return Array.from({ length: count }, (_, at) => name.replace(PART, `-${String(at + 1).padStart(5, '0')}-of-${last}`));
}

/** Null where there is no such file. */
async function probe(
  options: AddressOptions,
  base: string,
  path: string,
  signal: AbortSignal,
): Promise<PinnedFile | null> {
  const what = `${new URL(base).host}/${path}`;
  return patiently(options.host, signal, async () => {
    try {
      const { response, watch } = await requestRange(options, { base, path }, { start: 0, end: 1 }, signal);
      const { status, headers } = response;
      const given = /^bytes \d{1,16}-\d{1,16}\/(\d{1,16})$/.exec(headers.get('content-range') ?? '')?.[1];
      let bytes = status === 416 ? 0 : Number(given);
      if (status === 206 || status === 416) {
        watch.end();
        response.body?.cancel().catch(() => undefined);
      } else {
        bytes = 0;
        for await (const piece of readBody(response, watch, Infinity)) {
          bytes += piece.length;
          if (bytes > MAX_WHOLE_BYTES) throw new DownloadError(what, 'the server does not send parts of files');
        }
      }
      if (Number.isNaN(bytes) || bytes > MAX_FILE_BYTES)
        throw new DownloadError(what, 'the server does not say how long it is');
      const tag = headers.get('etag') ?? headers.get('last-modified') ?? '';
      const hash = await digest([addressOf(base, path).href, String(bytes), tag]);
      return { path, bytes, hash: `web:${hash}` as const };
    } catch (error) {
      if (error instanceof FileMissingError) return null;
      throw error;
    }
  });
}

async function shardsIn(
  options: AddressOptions,
  base: string,
  { path, bytes }: PinnedFile,
  signal: AbortSignal,
): Promise<string[]> {
  const text = await patiently(options.host, signal, async () => {
    const range = { start: 0, end: Math.max(1, bytes) };
    const { response, watch } = await requestRange(options, { base, path }, range, signal);
    const decoder = new TextDecoder();
    let read = '';
    for await (const piece of readBody(response, watch, MAX_INDEX_BYTES))
      read += decoder.decode(piece, { stream: true });
    return read + decoder.decode();
  });
  let index: unknown;
  try {
    index = JSON.parse(text);
  } catch (cause) {
    throw new DownloadError(path, 'it is no JSON', cause);
  }
  const map = isJsonObject(index) ? index['weight_map'] : undefined;
  const names = isJsonObject(map) ? [...new Set(Object.values(map))].filter((name) => typeof name === 'string') : [];
  // Only names that a download takes anyway.
  return (filesOfModel(names) ?? []).slice(0, MAX_SHARDS);
}

async function digest(lines: readonly string[]): Promise<string> {
  const bytes = new TextEncoder().encode(lines.join('\n'));
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))).slice(2);
}
