// Against real HTTP servers on this machine: one that serves ranges, one that ignores them, one that is down.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFolder } from '#scripts/house/static-server.ts';
import { createUrlFolder } from './url-folder.ts';

const bytes = Uint8Array.from({ length: 200_000 }, (_, at) => (at * 31) % 251);
let folder: string;
let served: Awaited<ReturnType<typeof serveFolder>>;
let plain: Server;
let plainUrl: string;
let requests = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'payable-'));
  await mkdir(join(folder, 'my model'));
  await writeFile(join(folder, 'my model', 'weights.bin'), bytes);
  await writeFile(join(folder, 'my model', 'empty.txt'), '');
  await writeFile(join(folder, '200.html'), '<p>the app</p>');
  served = await serveFolder(folder);
  plain = createServer((request, response) => {
    requests++;
    if (request.url?.endsWith('/weights.bin')) response.end(bytes);
    else if (request.url?.endsWith('/broken.bin')) response.writeHead(500).end();
    else response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>the app</p>');
  });
  await new Promise<void>((resolve) => plain.listen(0, 'localhost', resolve));
  plainUrl = `http://localhost:${(plain.address() as AddressInfo).port}/model`;
});

afterAll(async () => {
  await served.close();
  await new Promise((resolve) => plain.close(resolve));
  await rm(folder, { recursive: true });
});

describe('a server with ranges', () => {
  const open = () => createUrlFolder(`${served.url}my%20model`, fetch);

  it('gives sizes, heads and ranges', async () => {
    const model = open();
    expect(model.name).toBe('my model');
    expect(await model.size('weights.bin')).toBe(bytes.length);
    expect(await model.read('weights.bin', 10, 20)).toEqual(bytes.slice(10, 20));
    expect(await model.read('weights.bin', 60_000, 70_000)).toEqual(bytes.slice(60_000, 70_000));
    expect(await model.read('weights.bin', 199_999, 200_000)).toEqual(bytes.slice(-1));
    expect(await model.read('weights.bin', 7, 7)).toEqual(new Uint8Array());
    expect(await model.size('empty.txt')).toBe(0);
  });

  it('says what is missing or too short', async () => {
    const model = open();
    expect(await model.has('nothing.bin')).toBe(false);
    await expect(model.size('nothing.bin')).rejects.toMatchObject({ code: 'format/file-missing' });
    await expect(model.size('../200.html')).rejects.toMatchObject({ code: 'format/file-missing' });
    await expect(model.read('weights.bin', 0, 200_001)).rejects.toMatchObject({ code: 'format/truncated' });
  });

  it('stops when asked', async () => {
    await expect(open().read('weights.bin', 0, 100_000, AbortSignal.abort())).rejects.toMatchObject({
      code: 'core/aborted',
    });
  });
});

describe('a server without ranges', () => {
  it('is asked once for the whole file', async () => {
    const model = createUrlFolder(plainUrl, fetch);
    requests = 0;
    expect(await model.size('weights.bin')).toBe(bytes.length);
    expect(await model.read('weights.bin', 100_000, 150_000)).toEqual(bytes.slice(100_000, 150_000));
    expect(requests).toBe(1);
  });

  it('may answer with its page for a missing file', async () => {
    expect(await createUrlFolder(plainUrl, fetch).has('config.json')).toBe(false);
  });

  it('may fail', async () => {
    await expect(createUrlFolder(plainUrl, fetch).size('broken.bin')).rejects.toMatchObject({ code: 'shell/download' });
  });
});

it('a server that is down is named as such, and asked again later', async () => {
  let isDown = true;
  const model = createUrlFolder(`${served.url}my%20model`, (...args) =>
    isDown ? Promise.reject(new TypeError('fetch failed')) : fetch(...args),
  );
  await expect(model.has('weights.bin')).rejects.toMatchObject({ code: 'shell/download' });
  isDown = false;
  expect(await model.has('weights.bin')).toBe(true);
});
