// Serves a folder of built files over HTTP on this machine only: byte ranges, content types, compressed texts; unknown pages get
// the app.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};
/** Types worth compressing; the others are compressed already. */
const IS_TEXT = /\.(html|js|css|json|svg|webmanifest|wasm|txt)$/;
/** A fast level, since each response is compressed anew. */
const PACKERS = {
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: () => createGzip(),
};

/** The first supported encoding that the client accepts; weight 0 is a refusal. */
function packingFor(header: string | undefined): keyof typeof PACKERS | undefined {
  const taken = new Set(
    (header ?? '')
      .toLowerCase()
      .split(',')
      .map((one) => one.split(';').map((part) => part.trim()))
      .filter(([, weight = '']) => !/^q=0(\.0*)?$/.test(weight))
      .map(([name]) => name),
  );
  return (['br', 'gzip'] as const).find((name) => taken.has(name));
}

/** Whether a page is requested: by a navigation, or by a tool that accepts anything and names no file. */
function wantsPage({ url = '/', headers }: IncomingMessage): boolean {
  if (headers.accept?.includes('text/html')) return true;
  const namesFile = extname(url.split(/[?#]/, 1)[0]!) !== '';
  const isPart = (headers['sec-fetch-dest'] ?? 'document') !== 'document';
  return !namesFile && !isPart && (headers.accept ?? '*/*').includes('*/*');
}

async function fileAt(folder: string, url: string) {
  const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname));
  const file = join(folder, path);
  if (file !== folder && !file.startsWith(folder + sep)) return undefined;
  const info = await stat(file).catch(() => undefined);
  return info?.isFile() ? { file, bytes: info.size } : undefined;
}

/** Bytes [start, end] of a Range header; undefined when the header is absent or not understood. */
function parseRange(header: string | undefined, bytes: number) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const start = match[1] === '' ? Math.max(0, bytes - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? bytes - 1 : Math.min(bytes - 1, Number(match[2]));
  return { start, end };
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  let found = await fileAt(folder, request.url ?? '/');
  if (!found && wantsPage(request)) found = await fileAt(folder, '/200.html');
  if (!found) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found\n');
    return;
  }
  const headers: Record<string, string | number> = {
    'Content-Type': TYPES[extname(found.file)] ?? 'application/octet-stream',
    'Accept-Ranges': 'bytes',
    'Cache-Control': request.url?.includes('/_app/immutable/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    'X-Content-Type-Options': 'nosniff',
  };
  const isText = IS_TEXT.test(found.file);
  if (isText) headers['Vary'] = 'Accept-Encoding';
  const range = parseRange(request.headers.range, found.bytes);
  if (range && range.start > range.end) {
    response.writeHead(416, { 'Content-Range': `bytes */${found.bytes}` }).end();
    return;
  }
  // Ranges refer to the uncompressed file.
  const packing = isText && !range && found.bytes > 0 ? packingFor(request.headers['accept-encoding']) : undefined;
  const length = range ? range.end - range.start + 1 : found.bytes;
  if (range) headers['Content-Range'] = `bytes ${range.start}-${range.end}/${found.bytes}`;
  if (packing) headers['Content-Encoding'] = packing;
  else headers['Content-Length'] = length;
  response.writeHead(range ? 206 : 200, headers);
  if (request.method === 'HEAD' || length === 0) {
    response.end();
    return;
  }
  const file = createReadStream(found.file, range);
  // The client sees a read error as a truncated response.
  if (packing) pipeline(file, PACKERS[packing](), response, () => undefined);
  else pipeline(file, response, () => undefined);
}

/** Starts serving; a busy port means the next free one. Returns the address and a function that stops it. */
export async function serveFolder(folder: string, { port = 0 } = {}) {
  const server = createServer((request, response) => {
    answer(normalize(folder), request, response).catch(() => {
      if (!response.headersSent) response.writeHead(400);
      response.end();
    });
  });
  for (let attempt = port; ; attempt++) {
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once('error', resolve);
      server.listen(attempt, 'localhost', () => {
        server.off('error', resolve);
        resolve(undefined);
      });
    });
    if (!error) break;
    if (error.code !== 'EADDRINUSE' || port === 0 || attempt >= port + 100) throw error;
  }
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, close };
}
