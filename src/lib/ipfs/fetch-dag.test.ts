// A graph from gateways that are honest, evil, silent, endless, interrupted, or serve another graph; all of them real servers.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemoryBlockstore } from 'blockstore-core';
import type { CID } from 'multiformats/cid';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeBlock, parseCid, RAW } from '#lib/formats/block/block.ts';
import { writeCar } from '#lib/formats/block/car.ts';
import { bytesOf, idsIn, memoryNode, seededBytes, text } from '#tests/support/ipfs-node.ts';
import { addFolder } from './add-files.ts';
import { exportCar } from './export-car.ts';
import { linksOf } from './walk.ts';
import { fetchDag } from './fetch-dag.ts';
import { createGateway, parseGatewayAddress } from './gateway.ts';
import type { IpfsNode } from './node.ts';
import { verifyData } from './verify-data.ts';

// Real sockets and files, on a machine with other load.
vi.setConfig({ testTimeout: 60_000 });

type Answer = (cid: CID, format: string, response: ServerResponse, asked: number) => void | Promise<void>;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(answer: Answer, silenceMs = 5_000, windowMs = 30_000) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://x');
    const format = url.searchParams.get('format')!;
    const cid = parseCid(url.pathname.slice('/ipfs/'.length));
    asked.push(`${format} ${cid.toString()}`);
    void (async () => answer(cid, format, response, asked.length))().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { asked, gateway: createGateway(`http://127.0.0.1:${port}`, { fetch, silenceMs, windowMs }) };
}

const honest =
  (node: IpfsNode): Answer =>
  async (cid, format, response) => {
    if (format === 'car') response.end(await bytesOf(exportCar(node, cid)));
    else response.end(await node.blocks.read(cid));
  };
const onlyCar =
  (node: IpfsNode): Answer =>
  (cid, format, response, asked) =>
    format === 'car' ? honest(node)(cid, format, response, asked) : void response.writeHead(406).end();
const onlyRaw =
  (node: IpfsNode): Answer =>
  (cid, format, response, asked) =>
    format === 'raw' ? honest(node)(cid, format, response, asked) : void response.writeHead(406).end();

async function origin() {
  const node = await memoryNode();
  const root = await addFolder(node, [
    { path: 'large', content: [...seededBytes(3_300_000, 'gateway')] },
    { path: 'small', content: text('small') },
  ]);
  return { node, root, blocks: 7 };
}

async function target() {
  const store = new MemoryBlockstore();
  return { store, node: await memoryNode(store) };
}

it('takes a graph in one stream', async () => {
  const from = await origin();
  const to = await target();
  const { gateway, asked } = await serve(honest(from.node));
  const fetched = await fetchDag(to.node, from.root, { sources: [gateway] });
  expect(fetched).toMatchObject({ blocks: 7, fetched: 7 });
  expect(asked).toEqual([`car ${from.root.toString()}`]);
  expect(await verifyData(to.node, [from.root])).toMatchObject({ blocks: 7, missing: [], damaged: [] });
});

it('requests single blocks where there are no streams, and only missing ones', async () => {
  const from = await origin();
  const to = await target();
  const { gateway, asked } = await serve(onlyRaw(from.node));
  await fetchDag(to.node, from.root, { sources: [gateway] });
  expect(asked).toHaveLength(8);
  asked.length = 0;
  expect(await fetchDag(to.node, from.root, { sources: [gateway] })).toMatchObject({ blocks: 7, fetched: 0 });
  expect(asked).toEqual([]);
});

it('fetches each part of which nothing is here in a stream of its own', async () => {
  const from = await origin();
  const to = await target();
  const [large] = linksOf({ cid: from.root, bytes: await from.node.blocks.read(from.root) });
  // A page that has read a list has the list but none of its entries.
  await to.node.blocks.put(from.root, await from.node.blocks.read(from.root));
  const [first] = linksOf({ cid: large!, bytes: await from.node.blocks.read(large!) });
  const { gateway, asked } = await serve(honest(from.node));
  const fetched = await fetchDag(to.node, from.root, { sources: [gateway] });
  expect(fetched).toMatchObject({ blocks: 7, fetched: 6 });
  expect(asked).toEqual([`car ${from.root.toString()}`]);

  const half = await target();
  for (const cid of [from.root, first!]) await half.node.blocks.put(cid, await from.node.blocks.read(cid));
  asked.length = 0;
  expect(await fetchDag(half.node, from.root, { sources: [gateway] })).toMatchObject({ blocks: 7, fetched: 5 });
  asked.length = 0;
  const bare = await target();
  for (const cid of [from.root, large!]) await bare.node.blocks.put(cid, await from.node.blocks.read(cid));
  await fetchDag(bare.node, from.root, { sources: [gateway] });
  expect(asked).toContain(`car ${large!.toString()}`);
  expect(asked.filter((one) => one.startsWith('raw'))).toHaveLength(1);
});

it('continues where an interrupted stream ended', async () => {
  const from = await origin();
  const to = await target();
  const car = await bytesOf(exportCar(from.node, from.root));
  const broken = await serve((cid, format, response) => {
    if (format === 'raw') return void response.writeHead(503).end();
    response.writeHead(200, { 'content-length': car.length });
    response.write(car.subarray(0, 2_500_000), () => response.destroy());
  });
  await expect(fetchDag(to.node, from.root, { sources: [broken.gateway] })).rejects.toMatchObject({
    code: 'ipfs/source-failed',
  });
  const kept = idsIn(to.store).length;
  expect(kept).toBeGreaterThan(2);
  const whole = await serve(onlyRaw(from.node));
  expect(await fetchDag(to.node, from.root, { sources: [whole.gateway] })).toMatchObject({ fetched: 7 - kept });
});

it('turns to the next source, block by block', async () => {
  const from = await origin();
  const to = await target();
  const half = await serve((cid, format, response, asked) =>
    format === 'raw' && asked % 2 === 0
      ? honest(from.node)(cid, format, response, asked)
      : void response.writeHead(404).end(),
  );
  const rest = await serve(onlyRaw(from.node));
  const sources = [half.gateway, rest.gateway];
  expect(await fetchDag(to.node, from.root, { sources, concurrency: 1 })).toMatchObject({ fetched: 7 });
});

describe('a gateway', () => {
  const cases: [string, Answer, string][] = [
    ['that changes a bit', (_cid, _format, response) => void response.end(text('evil')), 'format/hash-mismatch'],
    [
      'with a page for all',
      (_cid, _format, response) => void response.end('<html>welcome</html>'),
      'format/hash-mismatch',
    ],
    ['that has nothing', (_cid, _format, response) => void response.writeHead(404).end(), 'ipfs/block-missing'],
    ['that is down', (_cid, _format, response) => void response.writeHead(502).end(), 'ipfs/source-failed'],
    ['that hangs up', (_cid, _format, response) => void response.destroy(), 'ipfs/source-failed'],
    ['that says nothing', () => undefined, 'ipfs/source-failed'],
    ['that begins and says no more', (_cid, _format, response) => void response.write('x'), 'ipfs/source-failed'],
    ['that sends a byte now and then', (_cid, _format, response) => drip(response), 'ipfs/source-failed'],
    [
      'that sends elsewhere',
      (_cid, _format, response) => void response.writeHead(302, { location: '/' }).end(),
      'ipfs/source-failed',
    ],
    [
      'with a huge block',
      (_cid, _format, response) => void response.writeHead(200, { 'content-length': 2 ** 40 }).write('x'),
      'ipfs/source-failed',
    ],
    ['without an end', (_cid, _format, response) => endless(response), 'ipfs/source-failed'],
  ];
  function drip(response: ServerResponse): void {
    const drops = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(drops));
  }
  function endless(response: ServerResponse): void {
    const more = () => {
      while (!response.destroyed && response.write(new Uint8Array(65_536)));
    };
    response.on('drain', more);
    more();
  }

  it.each(cases)('%s is given up in words, and nothing of it stays', async (_what, answer, code) => {
    const to = await target();
    const { cid } = await makeBlock(RAW, text('good'));
    // Streams are tried first; they are not trusted either.
    const { gateway } = await serve(answer, 200, 400);
    await expect(fetchDag(to.node, cid, { sources: [gateway] })).rejects.toMatchObject({ code });
    expect(idsIn(to.store)).toEqual([]);
  });

  it('that sends sound blocks which were not requested is stopped', async () => {
    const to = await target();
    const wanted = await makeBlock(RAW, text('wanted'));
    const junk = await makeBlock(RAW, text('junk'));
    const { gateway } = await serve(async (_cid, format, response) => {
      if (format === 'car') response.end(await bytesOf(writeCar([wanted.cid], [junk, wanted])));
      else response.writeHead(404).end();
    });
    const fetching = fetchDag(to.node, wanted.cid, { sources: [gateway] });
    await expect(fetching).rejects.toThrow(`which ${wanted.cid.toString()} does not name`);
    expect(idsIn(to.store)).toEqual([]);
  });

  it('may be silent while this side writes', async () => {
    const from = await origin();
    let first = true;
    class Slow extends MemoryBlockstore {
      override async put(...args: Parameters<MemoryBlockstore['put']>) {
        if (first) await new Promise((resolve) => setTimeout(resolve, 1_500));
        first = false;
        return super.put(...args);
      }
    }
    // If the stream had ended early, single blocks could not complete it.
    const { gateway } = await serve(onlyCar(from.node), 1_000, 1_000);
    expect(await fetchDag(await memoryNode(new Slow()), from.root, { sources: [gateway] })).toMatchObject({
      fetched: 7,
    });
  });

  it.each([
    ['ftp://x', 'neither https nor http'],
    ['http://pinner.example', 'unencrypted'],
    ['http://127.0.0.1.evil.example', 'unencrypted'],
    ['https://name:word@pinner.example', 'a password'],
    ['pinner', 'no address'],
  ])('is not called %s', (address, words) => {
    expect(() => parseGatewayAddress(address)).toThrow(words);
  });

  it.each(['https://pinner.example', 'http://localhost:1', 'http://127.0.0.1:9/a', 'http://[::1]:9'])(
    'may be called %s',
    (address) => {
      expect(parseGatewayAddress(address).pathname).toMatch(/\/$/);
    },
  );
});

it('ends at once without sources, and on abort', async () => {
  const from = await origin();
  const to = await target();
  await expect(fetchDag(to.node, from.root, { sources: [] })).rejects.toMatchObject({ code: 'ipfs/block-missing' });
  const { gateway } = await serve(() => undefined, 60_000);
  const stop = new AbortController();
  const fetching = fetchDag(to.node, from.root, { sources: [gateway], signal: stop.signal });
  setTimeout(() => stop.abort(), 20);
  await expect(fetching).rejects.toMatchObject({ code: 'core/aborted' });
});

it('takes no more than allowed, and removes the blocks when the device is full', async () => {
  const from = await origin();
  const { gateway } = await serve(honest(from.node));
  const small = await target();
  const most = { sources: [gateway], maxBytes: 2_000_000 };
  await expect(fetchDag(small.node, from.root, most)).rejects.toMatchObject({ code: 'ipfs/too-large' });
  expect(idsIn(small.store)).toEqual([]);
  let room = 4;
  class Full extends MemoryBlockstore {
    override put(...args: Parameters<MemoryBlockstore['put']>) {
      if (room-- <= 0) throw new Error('QuotaExceededError');
      return super.put(...args);
    }
  }
  const store = new Full();
  const node = await memoryNode(store);
  await expect(fetchDag(node, from.root, { sources: [gateway] })).rejects.toMatchObject({ code: 'ipfs/storage-full' });
  expect(idsIn(store)).toEqual([]);
});
