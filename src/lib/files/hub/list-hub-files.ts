// The files of a repository at one commit, with sizes and hashes. Every field of the hub's answer is checked and every list is
// bounded.

import { readBody } from '#lib/core/answer-watch.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import { HubAnswerError, InterruptedError } from '../errors.ts';
import { patiently } from '../patiently.ts';
import type { FileHash, PinnedFile } from '../pinned-file.ts';
import type { Repo, RepoListing } from '../repo.ts';
import type { HubCall, HubRequest } from './hub-request.ts';

const MAX_ANSWER_BYTES = 16 << 20;
const MAX_PAGES = 100;
const MAX_FILES = 20_000;
const MAX_FILE_BYTES = 2 ** 40;
const MAX_PATH = 1024;

/** @throws HubMissingError, HubGatedError, HubAnswerError, DownloadError, AbortedError */
export async function listHubFiles(request: HubRequest, repo: Repo, signal: AbortSignal): Promise<RepoListing> {
  const { id, revision, variant } = repo;
  const call = (path: string, what: string): HubCall => ({ path, what, repo: id, signal });
  const about = `/api/models/${id}/revision/${encodeURIComponent(revision)}`;
  const { value: info } = await readJson(request, call(about, `revision ${revision} of ${id}`));
  const commit = isJsonObject(info) ? info['sha'] : undefined;
  if (typeof commit !== 'string' || !/^[0-9a-f]{40}$/.test(commit)) {
    throw new HubAnswerError(id, 'it names no commit');
  }
  const gate = isJsonObject(info) ? info['gated'] : undefined;

  const files = new Map<string, PinnedFile>();
  let path: string | null = `/api/models/${id}/tree/${commit}?recursive=true`;
  for (let pages = 0; path !== null; pages++) {
    if (pages === MAX_PAGES) throw new HubAnswerError(id, `the list of files has more than ${MAX_PAGES} pages`);
    const { value, link } = await readJson(request, call(path, `list of files of ${id}`));
    if (!Array.isArray(value)) throw new HubAnswerError(id, 'the list of files is no list');
    for (const entry of value) {
      const file = readEntry(entry, id);
      if (!file) continue;
      if (files.has(file.path)) throw new HubAnswerError(id, `"${file.path}" is listed twice`);
      files.set(file.path, file);
      if (files.size > MAX_FILES) throw new HubAnswerError(id, `it lists more than ${MAX_FILES} files`);
    }
    path = nextPage(link, request.endpoint, commit, id);
  }
  return {
    id,
    revision,
    ...(variant !== undefined && { variant }),
    commit,
    isGated: gate !== undefined && gate !== false && gate !== null,
    files: [...files.values()],
  };
}

async function readJson(request: HubRequest, call: HubCall): Promise<{ value: unknown; link: string | null }> {
  return patiently(request.host, call.signal, async () => {
    const { response, watch } = await request.send(call);
    const link = response.headers.get('link');
    const parts: string[] = [];
    const decoder = new TextDecoder();
    for await (const part of readBody(response, watch, MAX_ANSWER_BYTES))
      parts.push(decoder.decode(part, { stream: true }));
    try {
      return { value: JSON.parse(parts.join('') + decoder.decode()) as unknown, link };
    } catch (cause) {
      // Proxies and portals answer with pages of their own, often for a moment only.
      throw new InterruptedError(call.what, 'the answer is not JSON', { cause });
    }
  });
}

/** The file in one entry; null for a folder. */
function readEntry(entry: unknown, repo: string): PinnedFile | null {
  if (!isJsonObject(entry)) throw new HubAnswerError(repo, 'the list of files holds something that is no entry');
  const { type, path, size, oid, lfs } = entry;
  if (type !== 'file') return null;
  if (typeof path !== 'string' || !isSafePath(path)) {
    throw new HubAnswerError(repo, `"${String(path).slice(0, 120)}" is no path inside a folder`);
  }
  const bytes = isJsonObject(lfs) ? lfs['size'] : size;
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0 || bytes > MAX_FILE_BYTES) {
    throw new HubAnswerError(repo, `"${path}" has no possible size`);
  }
  return { path, bytes, hash: readHash(isJsonObject(lfs) ? lfs['oid'] : undefined, oid, path, repo) };
}

function readHash(lfs: unknown, git: unknown, path: string, repo: string): FileHash {
  if (typeof lfs === 'string' && /^[0-9a-f]{64}$/.test(lfs)) return `sha256:${lfs}`;
  if (lfs === undefined && typeof git === 'string' && /^[0-9a-f]{40}$/.test(git)) return `git:${git}`;
  throw new HubAnswerError(repo, `"${path}" has no hash`);
}

/** Relative, inside its folder, and a name that every disk can hold. */
const isSafePath = (path: string): boolean =>
  path.length <= MAX_PATH &&
  !/[\\:\p{Cc}]/u.test(path) &&
  !path.split('/').some((part) => part === '' || part === '.' || part === '..');

/**
 * The path of the next page. It must be a list of the same commit on the same server, which is the only one that may see the token;
 * the hub redirects a repository that was renamed, so its name may differ.
 */
function nextPage(link: string | null, endpoint: URL, commit: string, repo: string): string | null {
  const found = /<([^<>]{1,4000})>\s{0,8};\s{0,8}rel="next"/.exec(link?.slice(0, 8000) ?? '');
  if (!found) return null;
  const address = found[1]!;
  const url = URL.canParse(address, endpoint) ? new URL(address, endpoint) : null;
  const of = /^\/api\/models\/[^/]+\/[^/]+\/tree\/([0-9a-f]{40})$/.exec(url?.pathname ?? '')?.[1];
  if (url?.origin !== endpoint.origin || of !== commit) {
    throw new HubAnswerError(repo, 'the next page of the list of files is somewhere else');
  }
  return url.pathname + url.search;
}
