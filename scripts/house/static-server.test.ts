// Responses of the built app's server to a browser and to simple clients.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { serveFolder } from './static-server.ts';

const script = 'export const words = "the same again and again";\n'.repeat(500);
let folder: string;
let served: Awaited<ReturnType<typeof serveFolder>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'payable-'));
  await writeFile(join(folder, 'app.js'), script);
  await writeFile(join(folder, 'weights.bin'), script);
  await writeFile(join(folder, '200.html'), '<p>the app</p>');
  served = await serveFolder(folder);
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
});

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}
/** The raw response body, still compressed. */
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<Answer>((resolve, reject) => {
    request(new URL(path, served.url), { headers, method }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }),
      );
    })
      .on('error', reject)
      .end();
  });

test.each([
  ['br, gzip', 'br', brotliDecompressSync],
  ['gzip, deflate, br;q=0', 'gzip', gunzipSync],
])('a script is compressed for clients that accept %s', async (taken, packing, unpack) => {
  const { headers, body } = await ask('app.js', { 'accept-encoding': taken });
  expect(headers).toMatchObject({ 'content-encoding': packing, vary: 'Accept-Encoding' });
  expect(headers).not.toHaveProperty('content-length');
  expect(body.length).toBeLessThan(script.length / 20);
  expect(unpack(body).toString()).toBe(script);
});

it('ranges and compressed files are served unchanged', async () => {
  const part = await ask('app.js', { 'accept-encoding': 'br', range: 'bytes=7-11' });
  expect([part.status, part.headers['content-encoding'], part.body.toString()]).toEqual([206, undefined, 'const']);
  expect(part.headers).toMatchObject({ vary: 'Accept-Encoding', 'content-range': `bytes 7-11/${script.length}` });
  for (const [path, taken] of [
    ['weights.bin', 'br'],
    ['app.js', 'identity'],
  ] as const) {
    const whole = await ask(path, { 'accept-encoding': taken });
    expect(whole.headers['content-length']).toBe(String(script.length));
    expect(whole.body.toString()).toBe(script);
  }
});

it('a HEAD request gets the headers of the whole file', async () => {
  const { status, headers, body } = await ask('app.js', { 'accept-encoding': 'gzip' }, 'HEAD');
  expect([status, headers['content-encoding'], body.length]).toEqual([200, 'gzip', 0]);
});

test.each([
  ['', {}],
  ['', { accept: '*/*' }],
  ['datanets/3?row=1.2', { accept: '*/*' }],
  ['wallet', { accept: 'text/html,*/*;q=0.8', 'sec-fetch-dest': 'document' }],
])('"/%s" with %j is the app', async (path, headers) => {
  const { status, body } = await ask(path, headers);
  expect([status, body.toString()]).toEqual([200, '<p>the app</p>']);
});

test.each([
  ['none.js', {}],
  ['none.js', { accept: '*/*' }],
  ['models/none', { accept: '*/*', 'sec-fetch-dest': 'empty' }],
  ['none', { accept: 'application/json' }],
])('"/%s" with %j is not found', async (path, headers) => {
  expect((await ask(path, headers)).status).toBe(404);
});
