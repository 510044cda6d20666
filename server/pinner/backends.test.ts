// The Kubo and IPFS Cluster backends against local servers that answer as the documentation of each says. Neither
// program runs here: the tests cover the requests sent, how answers are read, and that returned blocks are verified.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encode } from '@ipld/dag-cbor';
import type { CID } from 'multiformats/cid';
import { afterEach, describe, expect, it } from 'vitest';
import { DAG_CBOR, makeBlock, parseCid, RAW, type Block } from '#lib/formats/block/block.ts';
import { readCar } from '#lib/formats/block/car.ts';
import { TooLargeError } from '#lib/ipfs/errors.ts';
import { text } from '../../tests/support/ipfs-node.ts';
import { createClusterBackend } from './cluster-backend.ts';
import { createKuboBackend } from './kubo-backend.ts';
import type { PinTask } from './pin-backend.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
}
type Reply = { status?: number; body?: string | Uint8Array };

async function serve(answer: (asked: Asked) => Reply | Promise<Reply>) {
  const log: string[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    const asked = {
      method: request.method!,
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body: Buffer.concat(parts),
    };
    log.push(`${asked.method} ${pathname}${searchParams.has('arg') ? ` ${searchParams.get('arg')!}` : ''}`);
    const { status = 200, body = '' } = await answer(asked);
    response.writeHead(status).end(body);
  };
  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log };
}

const failure = (Message: string): Reply => ({
  status: 500,
  body: JSON.stringify({ Message, Code: 0, Type: 'error' }),
});

/** The CAR in a multipart upload. */
async function uploaded({ headers, body }: Asked): Promise<{ roots: CID[]; blocks: Block[] }> {
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': headers['content-type']! },
  }).formData();
  const file = form.get('file') as File;
  const { roots, blocks } = await readCar([new Uint8Array(await file.arrayBuffer())]);
  return { roots, blocks: await Array.fromAsync(blocks) };
}

/** The part of Kubo's RPC in use: blocks, pins, sizes. */
async function fakeKubo(held: Block[] = []) {
  const blocks = new Map(held.map(({ cid, bytes }) => [cid.toString(), bytes]));
  const pins = new Set<string>();
  const server = await serve(async (asked) => {
    const arg = asked.query.get('arg') ?? '';
    switch (asked.path.slice('/api/v0/'.length)) {
      case 'id':
        return { body: JSON.stringify({ ID: 'x', Addresses: ['/ip4/1.2.3.4/tcp/4001/p2p/x', 7] }) };
      case 'swarm/connect':
        return failure('no route');
      case 'pin/add':
        if (!blocks.has(arg)) return failure(`pin: context deadline exceeded`);
        pins.add(arg);
        return { body: JSON.stringify({ Pins: [arg] }) };
      case 'pin/rm':
        return pins.delete(arg) ? { body: '{}' } : failure('not pinned or pinned indirectly');
      case 'pin/ls':
        return pins.has(arg) ? { body: '{"Keys":{}}' } : failure(`path '${arg}' is not pinned`);
      case 'dag/stat':
        return { body: JSON.stringify({ TotalSize: 11, DagStats: [{ Cid: { '/': arg }, Size: 11, NumBlocks: 2 }] }) };
      case 'block/get':
        return blocks.has(arg)
          ? { body: blocks.get(arg)! }
          : failure(`block was not found locally (offline): ipld: could not find ${arg}`);
      case 'dag/import': {
        const car = await uploaded(asked);
        for (const { cid, bytes } of car.blocks) blocks.set(cid.toString(), bytes);
        for (const root of car.roots) pins.add(root.toString());
        return {
          body: car.roots
            .map((root) => JSON.stringify({ Root: { Cid: { '/': root.toString() }, PinErrorMsg: '' } }))
            .join('\n'),
        };
      }
      default:
        return { status: 404 };
    }
  });
  return { ...server, blocks, pins };
}

async function graph() {
  const leaf = await makeBlock(RAW, text('leaf'));
  const root = await makeBlock(DAG_CBOR, encode({ leaf: leaf.cid }));
  return { root, leaf, all: [root, leaf] };
}
async function* each(blocks: Block[], then?: Error) {
  for (const block of blocks) yield block;
  if (then) throw then;
}
const task = (change: Partial<PinTask> & { maxBytes?: number } = {}): PinTask => ({
  origins: [],
  signal: new AbortController().signal,
  arrive({ bytes }) {
    if (bytes > (change.maxBytes ?? 100)) throw new TooLargeError('It does not fit');
  },
  ...change,
});

describe('Kubo', () => {
  it('imports a graph, pins it, serves its blocks, unpins it', async () => {
    const kubo = await fakeKubo();
    const backend = createKuboBackend({ api: kubo.api });
    const { root, leaf, all } = await graph();
    expect(await backend.take(root.cid, each(all), task())).toEqual({ blocks: 2, bytes: 11 });
    expect([...kubo.pins]).toEqual([root.cid.toString()]);
    expect(await backend.block(leaf.cid)).toEqual(leaf.bytes);
    expect(await backend.delegates()).toEqual(['/ip4/1.2.3.4/tcp/4001/p2p/x']);
    expect(await backend.holds(root.cid)).toBe(true);
    await backend.unpin(root.cid);
    await backend.unpin(root.cid);
    expect(kubo.pins.size).toBe(0);
    expect(await backend.holds(root.cid)).toBe(false);
  });

  it('pins a graph that it can find, after connecting to the origins', async () => {
    const { root, all } = await graph();
    const kubo = await fakeKubo(all);
    const backend = createKuboBackend({ api: kubo.api });
    const inside = ['/ip4/127.0.0.1/tcp/5001', '/dns4/localhost/tcp/5001/ws', '/dns4/rebinds.example/tcp/80/ws'];
    await backend.pin(root.cid, task({ origins: [...inside, '/ip4/5.6.7.8/tcp/1/ws'] }));
    expect(kubo.log[0]).toBe('POST /api/v0/swarm/connect /ip4/5.6.7.8/tcp/1/ws');
    const nowhere = parseCid('bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e');
    await expect(backend.pin(nowhere, task())).rejects.toMatchObject({ code: 'ipfs/block-missing' });
    await expect(backend.block(nowhere)).rejects.toMatchObject({ code: 'ipfs/block-missing' });
  });

  it('does not keep a graph over the size limit', async () => {
    const { root, all } = await graph();
    const kubo = await fakeKubo(all);
    const backend = createKuboBackend({ api: kubo.api });
    await expect(backend.pin(root.cid, task({ maxBytes: 10 }))).rejects.toMatchObject({ code: 'ipfs/too-large' });
    expect(kubo.pins.size).toBe(0);
  });

  it('reports the cause of a failed upload, not the transport error', async () => {
    const kubo = await fakeKubo();
    const { root, all } = await graph();
    const backend = createKuboBackend({ api: kubo.api });
    const evil = new Error('block 2 is evil');
    await expect(backend.take(root.cid, each(all, evil), task())).rejects.toBe(evil);
  });

  it.each<[string, Reply]>([
    ['nonsense', { body: '<html>' }],
    ['another shape', { body: '{"DagStats":[{"Size":"11"}]}' }],
    ['an error', failure('disk on fire')],
    ['nothing in short', { status: 403, body: '403 Forbidden' }],
    ['too much', { body: 'x'.repeat(2 << 20) }],
  ])('answers %s, which is reported', async (_what, reply) => {
    const { api } = await serve(({ path }) => (path.endsWith('dag/stat') ? reply : { body: '{}' }));
    const { root } = await graph();
    await expect(createKuboBackend({ api }).pin(root.cid, task())).rejects.toMatchObject({
      code: 'pinner/backend-failed',
    });
  });

  it('gets its Authorization header; when unreachable, that is reported', async () => {
    let seen: string | undefined;
    const { api } = await serve(({ headers }) => {
      seen = headers.authorization;
      return { body: '{"Addresses":[]}' };
    });
    await createKuboBackend({ api, authorization: 'Bearer x' }).delegates();
    expect(seen).toBe('Bearer x');
    const down = createKuboBackend({ api: 'http://127.0.0.1:1' });
    await expect(down.delegates()).rejects.toMatchObject({ code: 'pinner/backend-failed' });
  });
});

describe('IPFS Cluster', () => {
  async function fakeCluster(states: (asked: number) => string[]) {
    const { root, all } = await graph();
    const kubo = await fakeKubo(all);
    const seen: URLSearchParams[] = [];
    const uploads: Block[][] = [];
    let questions = 0;
    const cluster = await serve(async (asked) => {
      if (asked.method === 'POST') seen.push(asked.query);
      if (asked.path === '/add') uploads.push((await uploaded(asked)).blocks);
      if (asked.method === 'DELETE') return { status: questions++ > 0 ? 404 : 200 };
      if (asked.method !== 'GET') return { body: '{}' };
      const peers = states(questions++).map((status, at) => [
        `peer-${at}`,
        { status, error: status === 'pin_error' ? 'no room' : '' },
      ]);
      return { body: JSON.stringify({ cid: root.cid.toString(), peer_map: Object.fromEntries(peers) }) };
    });
    const backend = createClusterBackend({ api: cluster.api, kubo: { api: kubo.api }, pauseMs: 1 });
    return { backend, root, all, seen, uploads, log: cluster.log };
  }

  it('keeps the configured number of copies and waits for them', async () => {
    const states = [[], ['pinning', 'pinning'], ['pinned', 'pinning'], ['pinned', 'pinned', 'remote']];
    const { backend, root, seen, log } = await fakeCluster((asked) => states[asked]!);
    expect(await backend.pin(root.cid, task({ origins: ['/ip4/5.6.7.8/tcp/1'] }))).toEqual({ blocks: 2, bytes: 11 });
    expect(Object.fromEntries(seen[0]!)).toEqual({
      'replication-min': '2',
      'replication-max': '2',
      origins: '/ip4/5.6.7.8/tcp/1',
    });
    expect(log).toHaveLength(5);
  });

  it('imports a graph; unpinning it twice is no error', async () => {
    const { backend, root, all, uploads, seen } = await fakeCluster(() => ['pinned', 'pinned']);
    await backend.take(root.cid, each(all), task());
    expect(uploads[0]!.map(({ cid }) => cid.toString())).toEqual(all.map(({ cid }) => cid.toString()));
    expect(seen[0]!.get('format')).toBe('car');
    await backend.unpin(root.cid);
    await backend.unpin(root.cid);
    expect(await backend.block(root.cid)).toEqual(root.bytes);
  });

  it('reports a failing node, and a graph without a provider as missing, to be retried', async () => {
    const broken = await fakeCluster(() => ['pinned', 'pin_error']);
    await expect(broken.backend.pin(broken.root.cid, task())).rejects.toThrow('no room');
    const slow = await fakeCluster(() => ['pinning']);
    await expect(slow.backend.pin(slow.root.cid, task())).rejects.toMatchObject({ code: 'ipfs/block-missing' });
    const large = await fakeCluster(() => ['pinned', 'pinned']);
    await expect(large.backend.pin(large.root.cid, task({ maxBytes: 1 }))).rejects.toMatchObject({
      code: 'ipfs/too-large',
    });
    expect(large.log.at(-1)).toBe(`DELETE /pins/${large.root.cid.toString()}`);
  });
});
