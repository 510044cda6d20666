// Against servers of this machine that speak the hub's HTTP: lists, gates, redirects, faults and hostile answers.

import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { COMMIT, serveHub, sha256, type HubServer } from '#tests/support/hub-server.ts';
import { testTransferHost, type TestTransferHost } from '#tests/support/transfer-host.ts';
import type { PinnedFile } from '../pinned-file.ts';
import { createHub } from './hub.ts';
import { createListedFolder } from '../listed-folder.ts';
import { repoName } from '../repo.ts';
import { parseHubRepo } from './hub-repo.ts';

const weights = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 31) % 251);
const config = new TextEncoder().encode('{"model_type":"llama"}');
const files = {
  'config.json': config,
  'model.safetensors': weights,
  'a/b c.json': config,
  'empty.txt': new Uint8Array(),
};
const TOKEN = 'hf_secretsecretsecret';
const { signal } = new AbortController();

let server: HubServer;
let host: TestTransferHost;
beforeEach(async () => {
  server = await serveHub({ 'owner/open': { files }, 'owner/gated': { files, gate: TOKEN } });
  host = testTransferHost();
});
afterEach(() => server.close());

const open = (token?: string) => createHub({ host, endpoint: server.endpoint, token, silenceMs: 5000 });
const listOpen = () => open().list(parseHubRepo('owner/open'), signal);
async function readAll(
  path: string,
  { repo = 'owner/open', token = undefined as string | undefined, start = 0, end = -1 } = {},
) {
  const hub = open(token);
  const listing = await hub.list(parseHubRepo(repo), signal);
  const file = listing.files.find((one) => one.path === path)!;
  const parts: number[] = [];
  for await (const piece of hub.reader(listing)(file, start, end < 0 ? file.bytes : end, signal)) parts.push(...piece);
  return Uint8Array.from(parts);
}

describe('a list of files', () => {
  it('is pinned to a commit and holds sizes and hashes, over all pages', async () => {
    const listing = await listOpen();
    expect(listing).toMatchObject({ id: 'owner/open', revision: 'main', commit: COMMIT, isGated: false });
    expect(listing.files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['config.json', config.length],
      ['model.safetensors', weights.length],
      ['a/b c.json', config.length],
      ['empty.txt', 0],
    ]);
    expect(listing.files[1]!.hash).toBe(`sha256:${sha256(weights)}`);
    expect(listing.files[3]!.hash).toBe('git:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
    expect(server.requests.filter(({ url }) => url.includes('/tree/'))).toHaveLength(2);
  });

  it.each([
    ['a repository that is not there', 'owner/none', 'files/hub-missing', /no repository owner\/none/],
    ['a revision that is not there', 'owner/open@v9', 'files/hub-missing', /no revision v9/],
  ])('of %s is an error in words', async (_, name, code, message) => {
    await expect(open().list(parseHubRepo(name), signal)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  const entry = (change: object) => ({ type: 'file', path: 'x', size: 1, oid: '1'.repeat(40), ...change });
  it.each<[string, unknown]>([
    ['a path out of the folder', entry({ path: '../x' })],
    ['a path with an empty part', entry({ path: 'a//x' })],
    ['an absolute path', entry({ path: '/etc/passwd' })],
    ['a path of Windows', entry({ path: 'C:\\x' })],
    ['a control character', entry({ path: 'a\n b' })],
    ['no size', entry({ size: undefined })],
    ['a size below zero', entry({ size: -1 })],
    ['a size beyond all disks', entry({ size: 2 ** 60 })],
    ['a fraction of a byte', entry({ size: 1.5 })],
    ['no hash', entry({ oid: undefined })],
    ['a hash of LFS that is none', entry({ lfs: { oid: 'x', size: 1 } })],
    ['something that is no entry', 7],
  ])('with %s is refused', async (_, bad) => {
    server.faults.entries = [bad];
    await expect(listOpen()).rejects.toMatchObject({ code: 'files/hub-answer' });
  });

  it('with one path twice is refused', async () => {
    server.faults.entries = [entry({}), entry({})];
    await expect(listOpen()).rejects.toThrow(/"x" is listed twice/);
  });

  it('that never ends is refused', async () => {
    server.faults.entries = Array.from({ length: 400 }, (_, at) => entry({ path: `f${at}` }));
    await expect(listOpen()).rejects.toThrow(/more than 100 pages/);
  });

  it('whose next page is elsewhere is refused, and the token does not go there', async () => {
    server.faults.nextPage = `${server.cdn}/api/models/owner/gated/tree/${COMMIT}`;
    await expect(open(TOKEN).list(parseHubRepo('owner/gated'), signal)).rejects.toThrow(/is somewhere else/);
    expect(server.requests.filter(({ server: at }) => at === 'cdn')).toEqual([]);
  });

  it('whose next page has the new name of a renamed repository is read on', async () => {
    server.faults.nextPage = `${server.endpoint}/api/models/owner/open/tree/${COMMIT}?recursive=true&cursor=3`;
    const { id, files: listed } = await open().list(parseHubRepo('owner/gated'), signal);
    expect([id, listed.length]).toEqual(['owner/gated', 4]);
  });

  it('whose next page is of another commit is refused', async () => {
    server.faults.nextPage = `${server.endpoint}/api/models/owner/open/tree/${'0'.repeat(40)}`;
    await expect(listOpen()).rejects.toThrow(/is somewhere else/);
  });

  it('that is longer than any list is refused', async () => {
    server.faults.answers = Array.from({ length: 6 }, () => ({
      status: 200,
      headers: { 'content-length': '99000000' },
      body: '[]',
    }));
    await expect(listOpen()).rejects.toMatchObject({ code: 'shell/download' });
  });
});

describe('a gated repository', () => {
  it('without a token: the error says where to accept the licence', async () => {
    await expect(readAll('config.json', { repo: 'owner/gated' })).rejects.toMatchObject({
      code: 'files/hub-gated',
      page: `${server.endpoint}/owner/gated`,
      hint: expect.stringContaining(`Accept the licence at ${server.endpoint}/owner/gated`),
    });
  });

  it('with the token of another account: the same, without the token in any text', async () => {
    const error = await readAll('config.json', { repo: 'owner/gated', token: 'hf_other' }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 'files/hub-gated' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hf_other');
  });

  it('with the token: files come, and the server behind the redirect never sees the token', async () => {
    expect(await readAll('model.safetensors', { repo: 'owner/gated', token: TOKEN })).toEqual(weights);
    const cdn = server.requests.filter(({ server: at }) => at === 'cdn');
    expect(cdn).not.toHaveLength(0);
    expect(cdn.every(({ authorization }) => authorization === undefined)).toBe(true);
    expect(server.requests.some(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
  });

  it.each(['hf_a\nb', 'hf a', '', 'hf_ä'])(
    'a token that no header can hold is refused without being quoted: %j',
    (token) => {
      expect(() => open(token)).toThrow(/token holds characters/);
      if (token) expect(() => open(token)).not.toThrow(token);
    },
  );
});

describe('bytes of a file', () => {
  it('come whole, by range, and from names with spaces', async () => {
    expect(await readAll('model.safetensors', { start: 1000, end: 250_001 })).toEqual(weights.slice(1000, 250_001));
    expect(await readAll('a/b c.json')).toEqual(config);
    expect(await readAll('empty.txt')).toEqual(new Uint8Array());
  });

  it('go on where a connection broke', async () => {
    server.faults.drops = [100_000, 0, 70_000];
    expect(await readAll('model.safetensors')).toEqual(weights);
    expect(server.requests.filter(({ server: at }) => at === 'cdn').map(({ range }) => range)).toEqual([
      'bytes=0-299999',
      expect.stringMatching(/^bytes=\d+-299999$/),
      expect.stringMatching(/^bytes=\d+-299999$/),
      expect.stringMatching(/^bytes=\d+-299999$/),
    ]);
  });

  it('are given up after six failures in a row, with growing pauses that differ by chance', async () => {
    server.faults.drops = Array.from({ length: 20 }, () => 0);
    await expect(readAll('model.safetensors')).rejects.toMatchObject({ code: 'shell/download' });
    expect(host.pauses).toHaveLength(5);
    host.pauses.forEach((ms, at) => {
      expect(ms).toBeGreaterThanOrEqual(250 * 2 ** at);
      expect(ms).toBeLessThanOrEqual(500 * 2 ** at);
    });
  });

  it('wait as long as a busy server asks, in seconds or until a time', async () => {
    await listOpen();
    server.faults.answers = [
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 503, headers: { 'retry-after': 'Mon, 30 Nov 2026 09:00:20 GMT' } },
    ];
    expect(await readAll('config.json')).toEqual(config);
    expect(host.pauses[0]).toBeGreaterThanOrEqual(7000);
    expect(host.pauses[1]).toBeGreaterThanOrEqual(20_000);
  });

  it('are not waited for when the server asks for an hour', async () => {
    server.faults.answers = [{ status: 429, headers: { 'retry-after': '3600' } }];
    await expect(listOpen()).rejects.toThrow(/no more requests for 60 minutes/);
    expect(host.pauses).toEqual([]);
  });

  it.each([
    ['another range', 'bytes 5-10/300000', /another range/],
    ['a range past the requested one', 'bytes 0-999999999/300000', /another range/],
    ['no range', 'bytes */300000', /another range/],
    ['another length', 'bytes 0-299999/300001', /300001 bytes of it, the list of files says 300000/],
  ])('with %s in the answer are refused', async (_, header, message) => {
    server.faults.contentRange = header;
    await expect(readAll('model.safetensors')).rejects.toMatchObject({
      code: 'shell/wrong-bytes',
      message: expect.stringMatching(message),
    });
  });

  it('of a file that changes meanwhile are refused', async () => {
    server.faults.changingTags = true;
    server.faults.drops = [1000];
    await expect(readAll('model.safetensors')).rejects.toThrow(/it changed on the server/);
  });

  it('of a server that does not send parts are taken only as a whole', async () => {
    const hub = open();
    const listing = await hub.list(parseHubRepo('owner/open'), signal);
    const file = listing.files[0]!;
    const read = async (start: number, end: number) => {
      server.faults.answers = [{ status: 200, body: '{"model_type":"llama"}' }];
      for await (const _ of hub.reader(listing)(file, start, end, signal));
    };
    await read(0, file.bytes);
    await expect(read(1, file.bytes)).rejects.toThrow(/does not send parts/);
  });

  it('stop when the signal says so', async () => {
    const hub = open();
    const listing = await hub.list(parseHubRepo('owner/open'), signal);
    const stop = new AbortController();
    const reading = async () => {
      for await (const _ of hub.reader(listing)(listing.files[1]!, 0, weights.length, stop.signal)) stop.abort();
    };
    await expect(reading()).rejects.toMatchObject({ code: 'core/aborted' });
  });

  it('that are not there any more are named', async () => {
    const hub = open();
    const listing = await hub.list(parseHubRepo('owner/open'), signal);
    const gone: PinnedFile = { path: 'gone.json', bytes: 3, hash: 'git:1' };
    const reading = async () => {
      for await (const _ of hub.reader(listing)(gone, 0, 3, signal));
    };
    await expect(reading()).rejects.toThrow('The hub has no owner/open/gone.json.');
  });
});

it('a repository is a folder of ranges', async () => {
  const hub = open();
  const listing = await hub.list(parseHubRepo('owner/open'), signal);
  const folder = createListedFolder(listing, hub.reader(listing));
  expect(folder.name).toBe('owner/open');
  expect([await folder.has('config.json'), await folder.has('none')]).toEqual([true, false]);
  expect(await folder.size('model.safetensors')).toBe(weights.length);
  expect(await folder.read('model.safetensors', 8, 20)).toEqual(weights.slice(8, 20));
  await expect(folder.read('config.json', 0, 1000)).rejects.toMatchObject({ code: 'format/truncated' });
  await expect(folder.size('none')).rejects.toMatchObject({ code: 'format/file-missing' });
});

it('an address without encryption is taken on this machine only', () => {
  expect(() => createHub({ host, endpoint: 'http://hub.example' })).toThrow(/does not begin with https/);
  expect(() => createHub({ host, endpoint: 'https://user:word@hub.example' })).toThrow(/endpoint/);
});

describe('names', () => {
  test.each([
    ['Qwen/Qwen3-0.6B', 'Qwen/Qwen3-0.6B', 'main'],
    ['owner/name@v1.0', 'owner/name', 'v1.0'],
    ['owner/name@refs/pr/3', 'owner/name', 'refs/pr/3'],
    [' owner/name ', 'owner/name', 'main'],
    ['https://huggingface.co/owner/name', 'owner/name', 'main'],
    ['https://huggingface.co/owner/name/tree/dev', 'owner/name', 'dev'],
  ])('%j is %s at %s', (text, id, revision) => expect(parseHubRepo(text)).toEqual({ id, revision }));

  test.each([
    ['owner/name:Q8_0', { id: 'owner/name', revision: 'main', variant: 'Q8_0' }],
    ['owner/name@dev:ggml-model', { id: 'owner/name', revision: 'dev', variant: 'ggml-model' }],
    [
      'https://huggingface.co/owner/name/blob/main/q8/Model-Q8_0-00001-of-00002.gguf',
      { id: 'owner/name', revision: 'main', variant: 'Model-Q8_0' },
    ],
  ])('%j names a GGUF file', (text, repo) => {
    expect(parseHubRepo(text)).toEqual(repo);
    expect(repoName(repo)).toBe(`owner/name:${repo.variant}`);
  });

  test.each([
    '',
    'a/b:',
    'a/b:x:y',
    'a/b:../x',
    'a/b:x y',
    'https://huggingface.co/a/b/blob/main/x%2F..%2Fy.gguf',
    'gpt2',
    'a/b/c',
    '../x',
    'a/..',
    'a/b@',
    'a/b@../main',
    'a/b@x@y',
    'a/b@-x',
    'a b/c',
    'a/b?x=1',
    'a/b#c',
    'a/%2e%2e',
    '-a/b',
  ])('%j is refused', (text) => expect(() => parseHubRepo(text)).toThrow(/Write|name|revision|more|file/));
});
