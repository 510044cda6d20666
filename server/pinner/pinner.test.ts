// Uploads, quotas and restarts of a running pinner, read by third-party clients: a CAR reader and a UnixFS exporter.

import { CarReader } from '@ipld/car';
import { encode } from '@ipld/dag-cbor';
import { exporter } from 'ipfs-unixfs-exporter';
import type { CID } from 'multiformats/cid';
import { describe, expect, it, vi } from 'vitest';
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
  publicClient,
  start,
  until,
} from '../../tests/support/pinner.ts';

// Real sockets and files on a busy machine need more time.
vi.setConfig({ testTimeout: 60_000 });

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
  const { cid } = await makeBlock(RAW, text('no provider'));
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
