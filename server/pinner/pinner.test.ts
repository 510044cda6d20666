// A whole pinner on this machine, used by third-party clients: the Pinning Service's, a CAR reader, a UnixFS exporter.

import { join } from 'node:path';
import {
  Configuration,
  RemotePinningServiceClient,
  Status,
  TextMatchingStrategy,
} from '@ipfs-shipyard/pinning-service-client';
import { CarReader } from '@ipld/car';
import { encode } from '@ipld/dag-cbor';
import { exporter } from 'ipfs-unixfs-exporter';
import type { CID } from 'multiformats/cid';
import { describe, expect, it, vi } from 'vitest';
import { offerText } from '#lib/chain/actions/datanets/offer.ts';
import { signInMessage } from '#lib/chain/wallet/sign-in.ts';
import { DAG_CBOR, makeBlock, RAW } from '#lib/formats/block/block.ts';
import { addFile, addFolder } from '#lib/ipfs/add-files.ts';
import { exportCar } from '#lib/ipfs/export-car.ts';
import { fetchDag } from '#lib/ipfs/fetch-dag.ts';
import { createGateway } from '#lib/ipfs/gateway.ts';
import { openNetwork } from '#lib/ipfs/network.ts';
import { createPinnerClient } from '#lib/ipfs/pinner-client.ts';
import { bytesOf, memoryNode, seededBytes, text } from '../../tests/support/ipfs-node.ts';
import {
  alice,
  blobOf,
  bob,
  carOf,
  clientOf,
  closers,
  contributor,
  filesIn,
  start,
  tokenOf,
  until,
} from '../../tests/support/pinner.ts';
import type { Pinner } from './start-pinner.ts';

// Real sockets and files on a machine that has other things to do.
vi.setConfig({ testTimeout: 60_000 });

const publicClient = (pinner: Pinner, account = alice) =>
  new RemotePinningServiceClient(
    new Configuration({ endpointUrl: pinner.url.replace(/\/$/, ''), accessToken: tokenOf(pinner, account) }),
  );

describe('the Pinning Service API, through its public client', () => {
  it('pins a graph from a peer, lists, renames and removes it', async () => {
    const { pinner, folder } = await start();
    const client = publicClient(pinner);
    const { root, network } = await contributor(pinner);
    const cid = root.toString();
    const made = await client.pinsPost({ pin: { cid, name: 'Rows of March', meta: { datanet: '7' } } });
    expect(made.delegates).toEqual(pinner.addresses);
    await until(
      () => client.pinsRequestidGet({ requestid: made.requestid }),
      ({ status }) => status === Status.Pinned,
    );
    // The contributor disconnects.
    await network.dispose();

    const count = async (query: Parameters<typeof client.pinsGet>[0]) => (await client.pinsGet(query)).count;
    expect(await count({})).toBe(1);
    expect(await count({ cid: [cid] })).toBe(1);
    expect(await count({ name: 'Rows of March' })).toBe(1);
    expect(await count({ name: 'rows of march' })).toBe(0);
    expect(await count({ name: 'rows OF march', match: TextMatchingStrategy.Iexact })).toBe(1);
    expect(await count({ name: 'of', match: TextMatchingStrategy.Partial })).toBe(1);
    expect(await count({ name: 'MARCH', match: TextMatchingStrategy.Ipartial })).toBe(1);
    expect(await count({ meta: { datanet: '7' } })).toBe(1);
    expect(await count({ meta: { datanet: '8' } })).toBe(0);
    const byMeta = await fetch(`${pinner.url}pins?meta=${encodeURIComponent('{"datanet":"7"}')}`, {
      headers: { authorization: `Bearer ${tokenOf(pinner)}` },
    });
    expect(await byMeta.json()).toMatchObject({ count: 1 });
    expect(await count({ status: [Status.Queued, Status.Failed] })).toBe(0);
    expect(await count({ before: made.created })).toBe(0);
    expect(await count({ after: new Date(made.created.getTime() - 1) })).toBe(1);

    const renamed = await client.pinsRequestidPost({ requestid: made.requestid, pin: { cid, name: 'Rows' } });
    expect(renamed.requestid).not.toBe(made.requestid);
    await expect(client.pinsRequestidGet({ requestid: made.requestid })).rejects.toHaveProperty('status', 404);
    await until(
      () => client.pinsRequestidGet({ requestid: renamed.requestid }),
      ({ status }) => status === Status.Pinned,
    );
    expect(await filesIn(folder)).toHaveLength(6);
    await client.pinsRequestidDelete({ requestid: renamed.requestid });
    expect(await count({ status: Object.values(Status) })).toBe(0);
    await until(
      () => filesIn(folder),
      (files) => files.length === 0,
    );
  });

  it('keeps a graph while any wallet pins it, and shows each wallet only its own requests', async () => {
    const { pinner } = await start();
    const { root } = await contributor(pinner);
    const [first, second] = [publicClient(pinner), publicClient(pinner, bob)];
    const pin = { cid: root.toString() };
    const [a, b] = [await first.pinsPost({ pin }), await second.pinsPost({ pin })];
    for (const [client, { requestid }] of [
      [first, a],
      [second, b],
    ] as const) {
      await until(
        () => client.pinsRequestidGet({ requestid }),
        ({ status }) => status === Status.Pinned,
      );
    }
    await expect(second.pinsRequestidGet({ requestid: a.requestid })).rejects.toHaveProperty('status', 404);
    await expect(second.pinsRequestidDelete({ requestid: a.requestid })).rejects.toHaveProperty('status', 404);
    await first.pinsRequestidDelete({ requestid: a.requestid });
    // Once another graph is removed, so are all blocks without a pin.
    const other = await makeBlock(RAW, text('other'));
    const { requestId } = await clientOf(pinner).upload(await carOf([other.cid], [other]));
    await clientOf(pinner).remove(requestId);
    await until(
      () => fetch(`${pinner.url}ipfs/${other.cid.toString()}?format=raw`),
      ({ status }) => status === 404,
    );
    expect((await fetch(`${pinner.url}ipfs/${root.toString()}?format=raw`)).status).toBe(200);
    await second.pinsRequestidDelete({ requestid: b.requestid });
    await until(
      () => fetch(`${pinner.url}ipfs/${root.toString()}?format=raw`),
      ({ status }) => status === 404,
    );
  });

  it('lists requests in pages by time', async () => {
    const { pinner } = await start();
    const client = publicClient(pinner);
    for (let at = 0; at < 12; at++) {
      await client.pinsPost({ pin: { cid: (await makeBlock(RAW, text(`page ${at}`))).cid.toString(), name: `${at}` } });
    }
    const status = Object.values(Status);
    const first = await client.pinsGet({ status });
    expect(first.count).toBe(12);
    const names = (results: Iterable<{ pin: { name?: string | undefined } }>) =>
      [...results].map(({ pin }) => pin.name);
    expect(names(first.results)).toEqual(['11', '10', '9', '8', '7', '6', '5', '4', '3', '2']);
    const before = [...first.results].at(-1)!.created;
    expect(names((await client.pinsGet({ status, before })).results)).toEqual(['1', '0']);
  });

  it.each<[string, RequestInit & { path?: string }, number]>([
    ['no token', { headers: {} }, 401],
    [
      'a token of somewhere else',
      { headers: { authorization: `Bearer ${alice.address.toLowerCase()}.9999999999999.${'A'.repeat(43)}` } },
      401,
    ],
    ['no JSON', { method: 'POST', body: '{' }, 400],
    ['no id', { method: 'POST', body: '{"cid":"nonsense"}' }, 400],
    [
      'a codec that is not kept',
      { method: 'POST', body: '{"cid":"baguqeerasords4njcts6vs7qvdjfcvgnume4hqohf65zsfguprqphs3icwea"}' },
      400,
    ],
    ['origins that are none', { method: 'POST', body: '{"cid":"bafkqaaa","origins":"x"}' }, 400],
    ['meta that is none', { method: 'POST', body: '{"cid":"bafkqaaa","meta":{"a":1}}' }, 400],
    ['a long name', { method: 'POST', body: JSON.stringify({ cid: 'bafkqaaa', name: 'n'.repeat(256) }) }, 400],
    ['a large body', { method: 'POST', body: JSON.stringify({ cid: 'bafkqaaa', x: 'x'.repeat(70_000) }) }, 413],
    ['large meta', { method: 'POST', body: JSON.stringify({ cid: 'bafkqaaa', meta: { a: 'a'.repeat(5000) } }) }, 400],
    ['a strange status', { path: '?status=lost' }, 400],
    ['a strange limit', { path: '?limit=1001' }, 400],
    ['a strange match', { path: '?match=fuzzy' }, 400],
    ['a strange time', { path: '?before=yesterday' }, 400],
    ['eleven ids', { path: `?cid=${Array(11).fill('bafkqaaa').join(',')}` }, 400],
    ['an unknown request', { path: '/nothing' }, 404],
  ])('refuses %s in words', async (_what, { path = '', ...init }, status) => {
    const { pinner } = await start();
    const headers = init.headers ?? { authorization: `Bearer ${tokenOf(pinner)}` };
    const response = await fetch(`${pinner.url}pins${path}`, { ...init, headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { reason: expect.stringMatching(/^[A-Z_]+$/), details: expect.any(String) },
    });
  });
});

describe('signing in', () => {
  const page = { domain: 'payable.test', chainId: 10 };
  const sign =
    (account: typeof alice, uri: string, change: Partial<Parameters<typeof signInMessage>[0]> = {}) =>
    async ({ nonce }: { nonce: string }) => {
      const terms = {
        address: account.address,
        ...page,
        uri,
        nonce,
        nowMs: Date.now(),
        ...change,
      };
      const message = signInMessage(terms);
      return { message, signature: await account.signMessage({ message }) };
    };

  it('gives a token for a signature; it stays valid after a restart', async () => {
    const { pinner, folder } = await start();
    const client = createPinnerClient(pinner.url, fetch);
    await expect(client.usage()).rejects.toMatchObject({ code: 'ipfs/pinner-refused', status: 401 });
    const token = await client.signIn(page, sign(alice, pinner.url));
    expect(await client.usage()).toEqual({ bytes: 0, roomBytes: 2 ** 30 });
    await pinner.close();
    const { pinner: again } = await start({ folder });
    expect(await createPinnerClient(again.url, fetch, token).usage()).toMatchObject({ bytes: 0 });
    const { pinner: other } = await start();
    await expect(createPinnerClient(other.url, fetch, token).usage()).rejects.toMatchObject({ status: 401 });
  });

  it.each<[string, (uri: string) => ReturnType<typeof sign>]>([
    ['for another pinner', () => sign(alice, 'https://other.example/')],
    ['with a number of its own', (uri) => sign(alice, uri, { nonce: 'abcdefgh12' })],
    ['in the name of another page', (uri) => sign(alice, uri, { domain: 'bank.test' })],
    ['for another chain', (uri) => sign(alice, uri, { chainId: 1 })],
    ['that is too old', (uri) => sign(alice, uri, { nowMs: Date.now() - 3_600_000 })],
    [
      'signed by another',
      (uri) => async (challenge) => ({
        ...(await sign(alice, uri)(challenge)),
        signature: (await sign(bob, uri)(challenge)).signature,
      }),
    ],
    ['that is no message', () => async () => ({ message: 'hello', signature: '0x1234' })],
  ])('refuses a message %s', async (_what, make) => {
    const { pinner } = await start();
    await expect(createPinnerClient(pinner.url, fetch).signIn(page, make(pinner.url))).rejects.toMatchObject({
      status: 401,
    });
  });

  it('refuses a message signed for another page', async () => {
    const { pinner } = await start();
    const ask = (path: string, body: unknown) =>
      fetch(`${pinner.url}auth/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { origin: 'https://evil.test' },
      });
    expect((await ask('challenge', page)).status).toBe(403);
    const honest = await fetch(`${pinner.url}auth/challenge`, { method: 'POST', body: JSON.stringify(page) });
    const { nonce } = (await honest.json()) as { nonce: string };
    expect((await ask('token', await sign(alice, pinner.url)({ nonce }))).status).toBe(403);
  });

  it('accepts a signed message once', async () => {
    const { pinner } = await start();
    let signed: { message: string; signature: string } | undefined;
    await createPinnerClient(pinner.url, fetch).signIn(
      page,
      async (challenge) => (signed = await sign(alice, pinner.url)(challenge)),
    );
    await expect(createPinnerClient(pinner.url, fetch).signIn(page, async () => signed!)).rejects.toMatchObject({
      status: 401,
    });
  });
});

describe('an upload', () => {
  it('is pinned as a whole and readable by third-party clients', async () => {
    const { pinner, folder } = await start();
    const node = await memoryNode();
    const large = [...seededBytes(2_500_000, 'upload')];
    const root = await addFolder(node, [{ path: 'large.bin', content: large }]);
    const pinned = await clientOf(pinner).upload(await blobOf(exportCar(node, root)), { name: 'large' });
    expect(pinned).toMatchObject({ cid: root.toString(), status: 'pinned', name: 'large' });
    expect((await publicClient(pinner).pinsGet({})).count).toBe(1);
    // A second upload changes nothing.
    expect(await clientOf(pinner).upload(await blobOf(exportCar(node, root)))).toEqual(pinned);
    expect(await filesIn(folder)).toHaveLength(5);

    const car = await CarReader.fromIterable(
      (await fetch(`${pinner.url}ipfs/${root.toString()}?format=car`)).body as unknown as AsyncIterable<Uint8Array>,
    );
    expect((await car.getRoots()).map(String)).toEqual([root.toString()]);
    // A third-party UnixFS reader over raw blocks, fetched one by one.
    const raw = {
      async *get(cid: CID) {
        yield new Uint8Array(await (await fetch(`${pinner.url}ipfs/${cid.toString()}?format=raw`)).arrayBuffer());
      },
    };
    const entry = await exporter(`${root.toString()}/large.bin`, raw);
    expect(entry.type === 'file' && (await bytesOf(entry.content()))).toEqual(new Uint8Array(Buffer.concat(large)));

    const to = await memoryNode();
    expect(await fetchDag(to, root, { sources: [createGateway(pinner.url, { fetch })] })).toMatchObject({ fetched: 5 });
  });

  it('that is malicious, broken, incomplete, without a root or too large is refused, and none of its blocks stay', async () => {
    const { pinner, folder, logged } = await start({ quotas: { walletBytes: 20_000 } });
    const client = clientOf(pinner);
    const leaf = await makeBlock(RAW, text('leaf'));
    const root = await makeBlock(DAG_CBOR, encode({ leaf: leaf.cid }));
    const refused = async (car: Blob, status: number, words: string) => {
      await expect(client.upload(car)).rejects.toMatchObject({ status, message: expect.stringContaining(words) });
    };
    await refused(await carOf([root.cid], [root, { cid: leaf.cid, bytes: text('evil') }]), 400, 'do not have the hash');
    await refused((await carOf([root.cid], [root, leaf])).slice(0, -2), 400, 'ends before');
    await refused(await carOf([root.cid], [root]), 400, 'leaves out a block');
    await refused(await carOf([], [root, leaf]), 400, 'names no root');
    await refused(new Blob(['<html>']), 400, 'header');
    const big = await makeBlock(RAW, new Uint8Array(16_000));
    await refused(await carOf([big.cid], [big]), 413, 'does not fit');
    const huge = await makeBlock(RAW, new Uint8Array(200_000));
    await refused(await carOf([huge.cid], [huge]), 413, 'may take 20000 bytes more');
    await expect(createPinnerClient(pinner.url, fetch).upload(new Blob(['x']))).rejects.toMatchObject({ status: 401 });
    expect(await client.list()).toEqual([]);
    await until(
      () => filesIn(folder),
      (files) => files.length === 0,
    );
    expect(logged).toEqual([]);
    await client.upload(await carOf([root.cid], [root, leaf]));
    const fits = await makeBlock(RAW, new Uint8Array(7_000));
    await client.upload(await carOf([fits.cid], [fits]));
    expect((await client.usage()).roomBytes).toBeLessThan(700);
    const more = await makeBlock(RAW, new Uint8Array(100));
    await refused(await carOf([more.cid], [more]), 413, 'does not fit');
    // Each wallet has its own quota.
    await clientOf(pinner, bob).upload(await carOf([more.cid], [more]));
  });
});

it('keeps an offer of a signed-in wallet, readable without a token', async () => {
  const { pinner } = await start();
  const datanet = `10:0x${'cc'.repeat(20)}:7`;
  const left = offerText(datanet, {
    terms: {
      ...{ datanet: 7n, contributor: alice.address, content: `0x${'01'.repeat(32)}`, rows: 3 },
      ...{
        rowsRoot: `0x${'11'.repeat(32)}`,
        licence: 2,
        nonce: 0n,
        deadline: BigInt(Math.ceil(Date.now() / 1000) + 600),
      },
    },
    signature: `0x${'22'.repeat(65)}`,
  });
  const anyone = createPinnerClient(pinner.url, fetch);
  await expect(anyone.handIn(left)).rejects.toMatchObject({ status: 401 });
  await expect(clientOf(pinner, bob).handIn(left)).rejects.toMatchObject({ status: 403 });
  await expect(clientOf(pinner).handIn('x'.repeat(9000))).rejects.toMatchObject({ status: 400 });
  await clientOf(pinner).handIn(left);
  expect(await anyone.offers(datanet)).toEqual([left]);
  const response = await fetch(new URL(`offers?datanet=${datanet}`, pinner.url));
  const { offers } = (await response.json()) as { offers: { id: string }[] };
  const gone = await fetch(new URL(`offers/${offers[0]!.id}`, pinner.url), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${tokenOf(pinner)}` },
  });
  expect(gone.status).toBe(204);
  expect(await anyone.offers(datanet)).toEqual([]);
});

it('does not let one wallet with many requests delay another', async () => {
  const { pinner } = await start({ queue: { concurrency: 2, pauseMs: 20 } });
  const greedy = clientOf(pinner, bob);
  const network = await openNetwork(await memoryNode());
  closers.push(() => network.dispose());
  // While a peer is connected, each of these is waited for.
  await network.connect(pinner.addresses[0]!);
  for (let at = 0; at < 20; at++) await greedy.pin((await makeBlock(RAW, text(`nowhere ${at}`))).cid);
  const { root } = await contributor(pinner);
  const client = clientOf(pinner);
  const { requestId } = await client.pin(root);
  await until(
    () => client.status(requestId),
    ({ status }) => status === 'pinned',
  );
  expect((await greedy.list()).every(({ status }) => status === 'queued' || status === 'pinning')).toBe(true);
}, 30_000);

it('bounds the number of requests per wallet and in all', async () => {
  const { pinner } = await start({ quotas: { walletRequests: 2, totalRequests: 3 } });
  const add = async (account: typeof alice, at: number) =>
    clientOf(pinner, account).pin((await makeBlock(RAW, text(`request ${at}`))).cid);
  await add(alice, 1);
  await add(alice, 2);
  await expect(add(alice, 3)).rejects.toMatchObject({ status: 429 });
  await add(bob, 4);
  await expect(add(bob, 5)).rejects.toMatchObject({ status: 507 });
});

it('removes unpinned blocks before it starts new work', async () => {
  const { pinner, folder } = await start({ queue: { pauseMs: 5, tidyAfterBytes: 1000 } });
  const client = clientOf(pinner);
  // An upload that never ends.
  await client.pin((await makeBlock(RAW, text('never'))).cid);
  for (let at = 0; at < 5; at++) {
    const block = await makeBlock(RAW, new Uint8Array(900).fill(at));
    const { requestId } = await client.upload(await carOf([block.cid], [block]));
    await client.remove(requestId);
  }
  await until(
    () => filesIn(folder),
    (files) => files.length <= 1,
  );
});

it('counts uploads that arrive at the same time', async () => {
  const { pinner } = await start({ quotas: { walletBytes: 6000 } });
  const blocks = await Promise.all([1, 2, 3].map((fill) => makeBlock(RAW, new Uint8Array(600).fill(fill))));
  const cars = await Promise.all(blocks.map((block) => carOf([block.cid], [block])));
  const results = await Promise.allSettled(cars.map((car) => clientOf(pinner).upload(car)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await clientOf(pinner).list()).toHaveLength(1);
  await until(
    async () =>
      (await Promise.all(blocks.map(({ cid }) => fetch(`${pinner.url}ipfs/${cid.toString()}?format=raw`)))).map(
        ({ status }) => status,
      ),
    (statuses) => statuses.filter((status) => status === 404).length === 2,
  );
});

it('fails a pin that exceeds the quota, and removes its blocks', async () => {
  const { pinner, folder } = await start({ quotas: { walletBytes: 1_500_000 } });
  const { root } = await contributor(pinner);
  const client = clientOf(pinner);
  const { requestId } = await client.pin(root);
  const failed = await until(
    () => client.status(requestId),
    ({ status }) => status === 'failed',
  );
  expect(failed.reason).toContain('does not fit');
  await until(
    () => filesIn(folder),
    (files) => files.length === 0,
  );
});

it('fails a request without a provider, with a message', async () => {
  const { pinner } = await start({ queue: { pauseMs: 5, giveUpMs: 50 } });
  const client = clientOf(pinner);
  const { cid } = await makeBlock(RAW, text('nobody has this'));
  const { requestId } = await client.pin(cid);
  const failed = await until(
    () => client.status(requestId),
    ({ status }) => status === 'failed',
  );
  expect(failed.reason).toContain('is not here and not at');
});

it('resumes after a restart: pins stay, waiting requests are processed', async () => {
  const { pinner, folder } = await start();
  const client = clientOf(pinner);
  const kept = await makeBlock(RAW, text('kept'));
  await client.upload(await carOf([kept.cid], [kept]));
  const late = await memoryNode();
  const root = await addFile(late, seededBytes(1_200_000, 'late'));
  const { requestId } = await client.pin(root, { name: 'late' });
  await until(
    () => client.status(requestId),
    ({ status }) => status === 'pinning',
  );
  const { peerId } = pinner;
  await pinner.close();

  const { pinner: again } = await start({ folder });
  expect(again.peerId).toBe(peerId);
  expect((await fetch(`${again.url}ipfs/${kept.cid.toString()}?format=raw`)).status).toBe(200);
  expect(await clientOf(again).status(requestId)).toMatchObject({
    name: 'late',
    status: expect.stringMatching(/queued|pinning/),
  });
  const network = await openNetwork(late);
  closers.push(() => network.dispose());
  await network.connect(again.addresses[0]!);
  await until(
    () => clientOf(again).status(requestId),
    ({ status }) => status === 'pinned',
  );
});

it('says why it cannot start', async () => {
  const { pinner, folder } = await start();
  const port = Number(new URL(pinner.url).port);
  await expect(start({ folder })).rejects.toThrow('another one works in');
  await expect(start({ port })).rejects.toThrow('one of its ports is taken');
  const peerPort = Number(pinner.addresses[0]!.split('/')[4]);
  await expect(start({ peerPort })).rejects.toThrow('one of its ports is taken');
  await expect(start({ folder: '/proc/1/nothing' })).rejects.toThrow('cannot be written to');
});

describe('the gateway', () => {
  async function withHello() {
    const { pinner, folder } = await start();
    const block = await makeBlock(RAW, text('hello world'));
    await clientOf(pinner).upload(await carOf([block.cid], [block]));
    return { url: `${pinner.url}ipfs/${block.cid.toString()}`, base: pinner.url, folder, id: block.cid.toString() };
  }

  it('serves blocks as immutable, in ranges, to every origin', async () => {
    const { url, id } = await withHello();
    const whole = await fetch(`${url}?format=raw`, { headers: { origin: 'https://app.example' } });
    expect(await whole.text()).toBe('hello world');
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'application/vnd.ipld.raw',
      'cache-control': 'public, max-age=31536000, immutable',
      etag: `"${id}.raw"`,
      'access-control-allow-origin': '*',
      'content-length': '11',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    });
    const get = (headers: Record<string, string>, query = '?format=raw') => fetch(url + query, { headers });
    const part = await get({ range: 'bytes=6-8' });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, 'wor', 'bytes 6-8/11']);
    expect(await (await get({ range: 'bytes=-5' })).text()).toBe('world');
    expect(await (await get({ range: 'bytes=6-' })).text()).toBe('world');
    const outside = await get({ range: 'bytes=11-' });
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */11']);
    expect((await get({ 'if-none-match': `W/"x", "${id}.raw"` })).status).toBe(304);
    expect((await get({ accept: 'application/vnd.ipld.raw' }, '')).status).toBe(200);
    const head = await fetch(`${url}?format=raw`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '11', '']);
    const car = await get({ accept: 'application/vnd.ipld.car' }, '');
    expect(car.headers.get('content-type')).toBe('application/vnd.ipld.car; version=1; order=dfs; dups=n');
    expect((await CarReader.fromBytes(new Uint8Array(await car.arrayBuffer()))).version).toBe(1);
    const asked = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'range',
      },
    });
    expect(asked.headers.get('access-control-allow-headers')).toContain('range');
  });

  it.each([
    ['a page', '', {}, 406],
    ['an unknown form', '?format=tar', {}, 406],
    ['a path', '/x?format=raw', {}, 400],
    ['a part of the graph it does not know', '?format=car&dag-scope=entity', {}, 400],
  ])('refuses %s', async (_what, rest, headers, status) => {
    const { url } = await withHello();
    expect((await fetch(url + rest, { headers })).status).toBe(status);
  });

  it('answers 404 or 400 for unknown blocks and malformed ids', async () => {
    const { base } = await withHello();
    const { cid } = await makeBlock(RAW, text('elsewhere'));
    expect((await fetch(`${base}ipfs/${cid.toString()}?format=raw`)).status).toBe(404);
    expect((await fetch(`${base}ipfs/${cid.toString()}?format=car`)).status).toBe(404);
    expect((await fetch(`${base}ipfs/..%2f..%2fetc%2fpasswd?format=raw`)).status).toBe(400);
    expect((await fetch(`${base}nothing`)).status).toBe(404);
  });

  it('does not serve a block that was changed on disk', async () => {
    const { url, folder, id } = await withHello();
    const { writeFile } = await import('node:fs/promises');
    for (const { parentPath, name } of await filesIn(folder)) await writeFile(join(parentPath, name), 'hello w0rld');
    expect(id).toBeTruthy();
    expect((await fetch(`${url}?format=raw`)).status).toBe(500);
  });
});
