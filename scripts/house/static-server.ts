// Serves a folder of built files over HTTP on this machine only: ranges, right types, unknown pages get the app.
// It knows HTTP and files; it knows nothing about what it serves.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

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

async function fileAt(folder: string, url: string) {
  const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname));
  const file = join(folder, path);
  if (file !== folder && !file.startsWith(folder + sep)) return undefined;
  const info = await stat(file).catch(() => undefined);
  return info?.isFile() ? { file, bytes: info.size } : undefined;
}

/** Bytes [start, end] a Range header asks for; undefined when the header is absent or not understood. */
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
  const wantsPage = request.headers.accept?.includes('text/html');
  if (!found && wantsPage) found = await fileAt(folder, '/200.html');
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
  const range = parseRange(request.headers.range, found.bytes);
  if (range && range.start > range.end) {
    response.writeHead(416, { 'Content-Range': `bytes */${found.bytes}` }).end();
    return;
  }
  const length = range ? range.end - range.start + 1 : found.bytes;
  if (range) headers['Content-Range'] = `bytes ${range.start}-${range.end}/${found.bytes}`;
  response.writeHead(range ? 206 : 200, { ...headers, 'Content-Length': length });
  if (request.method === 'HEAD' || length === 0) {
    response.end();
    return;
  }
  createReadStream(found.file, range)
    .on('error', () => response.destroy())
    .pipe(response);
}

/** Starts serving; a busy port means the next free one. Returns the address and a way to stop. */
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
