// A server that speaks the hub's HTTP on this machine: revisions, lists of files in pages, files directly or by redirect to a
// second server, ranges, gates, and the faults that a test asks for.

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServedRepo {
  files: Record<string, Uint8Array>;
  /** Files are given out only with this token. */
  gate?: string;
}

export interface HubFaults {
  /** Bytes after which the next answers of the second server break off, one entry an answer. */
  drops: number[];
  /** By path: the byte that is wrong, and in how many answers that hold it. */
  flips: Record<string, { at: number; times: number }>;
  /** The next answers of either server, instead of the right ones. */
  answers: { status: number; headers?: Record<string, string>; body?: string }[];
  /** Replaces the entries of every list of files. */
  entries?: unknown[];
  /** Replaces the address of every next page. */
  nextPage?: string;
  /** Replaces the header of every answer with a part of a file. */
  contentRange?: string;
  /** Answers of the second server that are still given out; later ones wait until `release`. */
  answersBeforeHold?: number | undefined;
  /** Replaces the ETag of files by one that differs each time. */
  changingTags?: boolean;
}

export interface HubServer {
  endpoint: string;
  /** The address of the second server, another origin. */
  cdn: string;
  faults: HubFaults;
  /** Requests so far; `authorization` is undefined where none came. */
  requests: { server: 'hub' | 'cdn'; url: string; range: string | undefined; authorization: string | undefined }[];
  /** Gives out what was held. */
  release(): void;
  close(): Promise<void>;
}

export const COMMIT = 'c0ffee'.padEnd(40, '0');
const PAGE = 3;
/** As the hub does, so that pages of other origins may read what the app reads. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, range',
  'access-control-expose-headers':
    'X-Repo-Commit, X-Error-Code, ETag, Link, Content-Range, X-Linked-Size, X-Linked-ETag',
};
/** As on the hub, files of weights are in git LFS, of any size. */
const isLarge = (path: string): boolean => path.endsWith('.safetensors');
const hex = (kind: string, ...parts: (string | Uint8Array)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash(kind)).digest('hex');
export const sha256 = (bytes: Uint8Array): string => hex('sha256', bytes);
const gitId = (bytes: Uint8Array): string => hex('sha1', `blob ${bytes.length}\0`, bytes);

export async function serveHub(repos: Record<string, ServedRepo>): Promise<HubServer> {
  const faults: HubFaults = { drops: [], flips: {}, answers: [] };
  const requests: HubServer['requests'] = [];
  let tags = 0;
  const held: (() => void)[] = [];

  /** True where nothing else is to be answered. */
  const isFaulty = (request: IncomingMessage, response: ServerResponse): boolean => {
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    if (request.method === 'OPTIONS') return Boolean(response.writeHead(204).end());
    const answer = faults.answers.shift();
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body);
    return answer !== undefined;
  };
  const note = (server: 'hub' | 'cdn', { url = '', headers }: IncomingMessage) =>
    requests.push({ server, url, range: headers.range, authorization: headers.authorization });
  const refuse = (response: ServerResponse, status: number, code: string) =>
    response.writeHead(status, { 'x-error-code': code }).end(`{"error":"${code}"}`);

  const send = (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    bytes: Uint8Array,
    mayDrop: boolean,
  ) => {
    const etag = faults.changingTags ? `"${tags++}"` : `"${gitId(bytes)}"`;
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = Math.min(bytes.length, to === undefined ? bytes.length : Number(to) + 1);
    if (start >= bytes.length && bytes.length > 0) return void response.writeHead(416).end();
    let body = bytes.subarray(start, end);
    const flip = faults.flips[path];
    if (flip && flip.times > 0 && flip.at >= start && flip.at < end) {
      flip.times--;
      body = body.slice();
      body[flip.at - start]! ^= 1;
    }
    const partial = { 'content-range': faults.contentRange ?? `bytes ${start}-${end - 1}/${bytes.length}` };
    response.writeHead(from === undefined ? 200 : 206, {
      etag,
      'content-length': body.length,
      ...(from !== undefined && partial),
    });
    const drop = mayDrop ? faults.drops.shift() : undefined;
    if (drop === undefined || drop >= body.length) return void response.end(body);
    response.write(body.subarray(0, drop), () => response.destroy());
  };

  const cdn = createServer((request, response) => {
    if (request.method !== 'OPTIONS') note('cdn', request);
    if (isFaulty(request, response)) return;
    const found = Object.values(repos)
      .flatMap(({ files }) => Object.entries(files))
      .find(([, bytes]) => request.url === `/${sha256(bytes)}?signature=secret`);
    if (!found) return void response.writeHead(403).end();
    const answer = () => send(request, response, found[0], found[1], true);
    if (faults.answersBeforeHold === 0) return void held.push(answer);
    if (faults.answersBeforeHold !== undefined) faults.answersBeforeHold--;
    answer();
  });
  const hub = createServer((request, response) => {
    if (request.method !== 'OPTIONS') note('hub', request);
    if (isFaulty(request, response)) return;
    const url = new URL(request.url!, 'http://hub');
    const api = url.pathname.startsWith('/api/models/');
    const [owner = '', name = '', verb = '', revision = '', ...rest] = url.pathname.slice(api ? 12 : 1).split('/');
    const id = `${owner}/${name}`;
    const repo = repos[id];
    if (!repo) return void refuse(response, 401, 'RepoNotFound');
    if (verb === 'revision') {
      if (revision !== 'main' && revision !== COMMIT) return void refuse(response, 404, 'RevisionNotFound');
      return void response.end(JSON.stringify({ id, sha: COMMIT, gated: repo.gate === undefined ? false : 'manual' }));
    }
    if (revision !== COMMIT) return void refuse(response, 404, 'RevisionNotFound');
    if (verb === 'tree') return list(url, repo, id, request, response);
    if (repo.gate !== undefined && request.headers.authorization !== `Bearer ${repo.gate}`) {
      return void refuse(response, request.headers.authorization ? 403 : 401, 'GatedRepo');
    }
    const path = rest.map(decodeURIComponent).join('/');
    const bytes = repo.files[path];
    if (!bytes) return void refuse(response, 404, 'EntryNotFound');
    if (!isLarge(path)) return void send(request, response, path, bytes, false);
    response.writeHead(302, {
      location: `http://127.0.0.1:${portOf(cdn)}/${sha256(bytes)}?signature=secret`,
      'x-repo-commit': COMMIT,
      'x-linked-size': bytes.length,
      'x-linked-etag': `"${sha256(bytes)}"`,
    });
    response.end();
  });

  function list(url: URL, repo: ServedRepo, id: string, { headers }: IncomingMessage, response: ServerResponse): void {
    const all = faults.entries ?? [
      { type: 'directory', path: 'folder', oid: '0'.repeat(40), size: 0 },
      ...Object.entries(repo.files).map(([path, bytes]) => ({
        type: 'file',
        path,
        size: bytes.length,
        oid: gitId(bytes),
        ...(isLarge(path) && { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } }),
      })),
    ];
    const at = Number(url.searchParams.get('cursor') ?? 0);
    const next =
      faults.nextPage ?? `http://${headers.host}/api/models/${id}/tree/${COMMIT}?recursive=true&cursor=${at + PAGE}`;
    const hasMore = at + PAGE < all.length;
    response.writeHead(200, { 'content-type': 'application/json', ...(hasMore && { link: `<${next}>; rel="next"` }) });
    response.end(JSON.stringify(all.slice(at, at + PAGE)));
  }

  await Promise.all([hub, cdn].map((server) => new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))));
  return {
    endpoint: `http://localhost:${portOf(hub)}`,
    cdn: `http://127.0.0.1:${portOf(cdn)}`,
    faults,
    requests,
    release() {
      faults.answersBeforeHold = undefined;
      for (const answer of held.splice(0)) answer();
    },
    close: async () => {
      for (const server of [hub, cdn]) server.closeAllConnections();
      await Promise.all([hub, cdn].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
