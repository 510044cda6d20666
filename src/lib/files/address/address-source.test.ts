// Models at addresses of a server on this machine, which may send parts of files or not, and may change them.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { pullModel, type PullModelEvent } from '#lib/flows/pull-model.ts';
import { createDisk, createMemoryChunkStore, type Disk } from '#tests/support/memory-chunk-store.ts';
import { testTransferHost } from '#tests/support/transfer-host.ts';
import { parseRepo } from '../parse-repo.ts';
import { createAddressSource } from './address-source.ts';

const text = (value: string) => new TextEncoder().encode(value);
const weights = Uint8Array.from({ length: 70_000 }, (_, at) => (at * 7) % 253);
const shard = (number: number) => `model-0000${number}-of-00002.safetensors`;
const index = { weight_map: { a: shard(1), b: shard(2), c: '../secret.safetensors', d: 7 } };
let files: Record<string, Uint8Array>;
let sendsParts = true;
/** Statuses of the next answers. */
let answers: number[] = [];
let server: Server;
let base: string;
let requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url!, 'http://x');
    requests.push(pathname);
    const status = answers.shift();
    if (status !== undefined) return void response.writeHead(status, { 'retry-after': '1' }).end();
    const file = files[decodeURIComponent(pathname).slice(1)];
    if (pathname.startsWith('/app/') && !file)
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>the app</p>');
    if (!file || (pathname.startsWith('/keyed/') && search !== '?key=1')) return void response.writeHead(404).end();
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const etag = `"${file.length}-${file[1] ?? 0}"`;
    if (!sendsParts || from === undefined) return void response.writeHead(200, { etag }).end(file);
    if (Number(from) >= file.length)
      return void response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
    const part = file.subarray(Number(from), Number(to) + 1);
    response
      .writeHead(206, { etag, 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${file.length}` })
      .end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => server.close());
beforeEach(() => {
  files = {
    'm/config.json': text('{}'),
    'm/tokenizer.json': text('{"a":1}'),
    'm/added_tokens.json': text(''),
    'm/model.safetensors': weights,
    'm/secret.txt': text('no'),
    'shards/config.json': text('{}'),
    'shards/model.safetensors.index.json': text(JSON.stringify(index)),
    [`shards/${shard(1)}`]: weights,
    [`shards/${shard(2)}`]: weights.slice(0, 100),
    'g/My Model-Q8_0.gguf': weights,
    'parts/T-00001-of-00002.gguf': weights,
    'parts/T-00002-of-00002.gguf': weights.slice(0, 9),
    'app/adapter_config.json': text('{}'),
    'app/adapter_model.safetensors': weights,
    'keyed/x.gguf': weights,
  };
  sendsParts = true;
  answers = [];
  requests = [];
});

async function pull(path: string, disk: Disk = createDisk(), revision = '') {
  const host = testTransferHost();
  const source = createAddressSource({ host });
  const context = { source, now: () => host.now(), openStore: async () => createMemoryChunkStore(disk) };
  const repo = { ...parseRepo(`${base}${path}`), revision };
  const events: PullModelEvent[] = [];
  const { signal } = new AbortController();
  for await (const event of pullModel(context, { repo, chunkBytes: 20_000 }, { signal })) events.push(event);
  const [listed] = events;
  return {
    events,
    disk,
    host,
    paths: [...disk.complete.keys()].sort(),
    listing: listed?.type === 'listed' && listed.listing,
  };
}

it('a folder is found by the usual names of its files', async () => {
  const { paths, disk } = await pull('m');
  expect(paths).toEqual(['added_tokens.json', 'config.json', 'model.safetensors', 'tokenizer.json']);
  expect(disk.complete.get('model.safetensors')).toEqual(weights);
  expect(disk.complete.get('added_tokens.json')).toEqual(new Uint8Array());
});

it('shards are named by their index, and nothing outside the folder', async () => {
  const { paths } = await pull('shards/');
  expect(paths).toEqual(['config.json', shard(1), shard(2), 'model.safetensors.index.json'].sort());
  expect(requests.filter((path) => path.includes('secret'))).toEqual([]);
});

it('one GGUF file, all parts of one, and an address with a key', async () => {
  expect((await pull('g/My%20Model-Q8_0.gguf')).paths).toEqual(['My Model-Q8_0.gguf']);
  expect((await pull('parts/T-00002-of-00002.gguf')).paths).toEqual(['T-00001-of-00002.gguf', 'T-00002-of-00002.gguf']);
  expect((await pull('keyed/x.gguf?key=1')).paths).toEqual(['x.gguf']);
});

it('the page of an app is no file of a model', async () => {
  expect((await pull('app/')).paths).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
});

it('a finished file says its sha256, and the second time nothing but one byte of each file is requested', async () => {
  const { events, disk, listing } = await pull('m');
  const sums = events.flatMap((event) => (event.type === 'file' ? [event.hash] : []));
  expect(sums).toHaveLength(4);
  expect(sums.every((hash) => /^sha256:[0-9a-f]{64}$/.test(hash))).toBe(true);
  const again = await pull('m', disk);
  expect(again.listing).toEqual(listing);
  expect(again.events.map(({ type }) => type)).toEqual(['listed', 'planned', 'progress', 'pulled']);
});

it('a download goes on only with the files that it began with', async () => {
  const { listing, disk } = await pull('m');
  const { commit } = listing as { commit: string };
  expect(commit).toMatch(/^[0-9a-f]{64}$/);
  await pull('m', disk, commit);
  files['m/model.safetensors'] = weights.slice(0, 60_000);
  await expect(pull('m', disk, commit)).rejects.toMatchObject({ code: 'files/address-changed' });
});

it('a busy server is asked again, after as long as it wants', async () => {
  answers = [503, 429];
  const { host, paths } = await pull('g/My%20Model-Q8_0.gguf');
  expect(paths).toHaveLength(1);
  expect(host.pauses.every((ms) => ms >= 1000)).toBe(true);
});

it('a server that sends only whole files gives short ones, and is refused in words for long ones', async () => {
  sendsParts = false;
  files['m/model.safetensors'] = weights.slice(0, 20_000);
  expect((await pull('m')).paths).toHaveLength(4);
  files['m/model.safetensors'] = weights;
  await expect(pull('m')).rejects.toThrow('the server does not send parts of files');
});

it('errors name the address: nothing there, no server, a file that changes meanwhile', async () => {
  await expect(pull('none/')).rejects.toMatchObject({ code: 'format/file-missing' });
  await expect(pull('none.gguf')).rejects.toThrow('/none.gguf');
  await expect(pull('..%2Fx.gguf')).rejects.toThrow('cannot be kept under this name');
  const host = { ...testTransferHost(), fetch: () => Promise.reject(new TypeError('failed')) };
  const { signal } = new AbortController();
  await expect(createAddressSource({ host }).list(parseRepo(`${base}m`), signal)).rejects.toThrow(
    'could not be reached',
  );
});
