// Hostile use: endless uploads, graphs of tiny blocks, slow clients, a killed process.

import { connect } from 'node:net';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from '@ipld/dag-cbor';
import { MemoryBlockstore } from 'blockstore-core';
import { MemoryDatastore } from 'datastore-core';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it, vi } from 'vitest';
import { DAG_CBOR, makeBlock, RAW, type Block } from '#lib/formats/block/block.ts';
import { writeCar } from '#lib/formats/block/car.ts';
import { openNetwork } from '#lib/ipfs/network.ts';
import { bytesOf, idsIn, memoryNode, seededBytes, text } from '../../tests/support/ipfs-node.ts';
import { alice, carOf, clientOf, closers, filesIn, start, tokenOf, until } from '../../tests/support/pinner.ts';
import { createHeliaBackend } from './helia-backend.ts';
import { openPinBook } from './pin-book.ts';
import { createPinQueue } from './pin-queue.ts';
import type { Pinner } from './start-pinner.ts';

vi.setConfig({ testTimeout: 60_000 });

const MIB = 1 << 20;
const walletOf = (at: number) => privateKeyToAccount(`0x${(at + 1).toString(16).padStart(64, '0')}`);
async function graph(name: string, leaves: number, size: number) {
  const made = await Promise.all(
    Array.from({ length: leaves }, (_, at) => makeBlock(RAW, [...seededBytes(size, `${name} ${at}`)][0]!)),
  );
  const root = await makeBlock(DAG_CBOR, encode(made.map(({ cid }) => cid)));
  return [root, ...made];
}

/** Sends a CAR without its last byte and keeps the connection open. Resolves with the answer, if one comes. */
async function halfUpload(pinner: Pinner, blocks: Block[], account = alice) {
  const car = (await bytesOf(writeCar([blocks[0]!.cid], blocks))).subarray(0, -1);
  const stop = new AbortController();
  closers.push(async () => stop.abort());
  let asked = 0;
  const body = new ReadableStream<Uint8Array>({
    // A further pull means that all earlier bytes were consumed.
    pull(controller) {
      asked++;
      if ((asked - 1) * 65_536 < car.length) controller.enqueue(car.slice((asked - 1) * 65_536, asked * 65_536));
      return (asked - 1) * 65_536 < car.length ? undefined : new Promise(() => undefined);
    },
  });
  const answer = fetch(`${pinner.url}car`, {
    ...{ method: 'POST', body, duplex: 'half', signal: stop.signal },
    headers: { authorization: `Bearer ${tokenOf(pinner, account)}` },
  }).then(
    ({ status }) => status,
    () => 0,
  );
  return { answer, stop: () => stop.abort() };
}

async function diskOf(folder: string) {
  const files = await filesIn(folder);
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => stat(join(parentPath, name)).catch(() => ({ size: 0 }))),
  );
  return sizes.reduce((sum, { size }) => sum + Math.ceil(size / 4096) * 4096, 0);
}

describe('uploads that never end', () => {
  it.each([
    ['of one wallet', { walletBytes: 2 * MIB, totalBytes: 64 * MIB }, () => walletOf(1)],
    ['of many wallets', { walletBytes: 64 * MIB, totalBytes: 2 * MIB }, walletOf],
  ])('stay under the quota while they arrive, and leave nothing, %s', async (_what, quotas, wallet) => {
    const { pinner, folder } = await start({ quotas });
    const uploads = await Promise.all(
      Array.from({ length: 8 }, async (_, at) =>
        halfUpload(pinner, await graph(`unfinished ${at}`, 8, 100_000), wallet(at)),
      ),
    );
    const answers: number[] = [];
    for (const { answer } of uploads) void answer.then((status) => answers.push(status));
    // There is room for two and a half of them.
    await until(
      async () => answers.filter((status) => status === 413).length,
      (refused) => refused >= 5,
    );
    expect(await diskOf(folder)).toBeLessThanOrEqual(2 * MIB);
    // Incomplete graphs are not served.
    const [root] = await graph('unfinished 0', 8, 100_000);
    expect((await fetch(`${pinner.url}ipfs/${root!.cid.toString()}?format=raw`)).status).toBe(404);
    for (const { stop } of uploads) stop();
    await until(
      () => filesIn(folder),
      (files) => files.length === 0,
    );
    expect((await clientOf(pinner, wallet(0)).usage()).roomBytes).toBe(2 * MIB);
  });
});

it('counts the disk space that tiny blocks take', async () => {
  const { pinner, folder } = await start({ quotas: { walletBytes: 2 * MIB } });
  const crumbs = await graph('crumbs', 600, 6);
  const upload = clientOf(pinner).upload(await carOf([crumbs[0]!.cid], crumbs));
  await expect(upload).rejects.toMatchObject({ status: 413 });
  expect(await filesIn(folder)).toEqual([]);
});

it('serves peers no block without a pin', async () => {
  const { pinner } = await start();
  const [root, ...leaves] = await graph('half', 3, 100_000);
  const kept = await makeBlock(RAW, text('kept'));
  await clientOf(pinner).upload(await carOf([kept.cid], [kept]));
  await halfUpload(pinner, [root!, ...leaves]);
  const network = await openNetwork(await memoryNode(), { patienceMs: 300 });
  closers.push(() => network.dispose());
  await network.connect(pinner.addresses[0]!);
  expect(await network.block(kept.cid)).toEqual(kept.bytes);
  await expect(network.block(leaves[0]!.cid)).rejects.toMatchObject({ code: 'ipfs/block-missing' });
});

describe('slow clients', () => {
  const closed = (port: number, words: string) =>
    new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(words));
      socket.on('error', () => undefined).once('close', () => resolve());
      socket.resume();
      closers.push(async () => socket.destroy());
    });

  it.each([
    ['nothing', () => ''],
    ['half a header', () => 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    [
      'half a body',
      (pinner: Pinner) =>
        `POST /car HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenOf(pinner)}\r\nContent-Length: 5000\r\n\r\nx`,
    ],
    ['half a question', () => 'POST /auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{'],
  ])('are disconnected: %s', async (_what, words) => {
    const { pinner } = await start({ slow: { graceMs: 200, bytesPerSecond: 1000, everyMs: 50 }, headersMs: 250 });
    await closed(Number(new URL(pinner.url).port), words(pinner));
  });
});

it('leaves no request and no block of an upload behind when the process is killed', async () => {
  const [data, store] = [new MemoryDatastore(), new MemoryBlockstore()];
  const pinner = async () => {
    const node = await memoryNode(store, data);
    const network = await openNetwork(node);
    closers.push(() => network.dispose());
    const backend = await createHeliaBackend(node, network);
    const quotas = { walletBytes: MIB, totalBytes: MIB, walletRequests: 9, totalRequests: 9 };
    const book = await openPinBook(data, quotas, () => 'one');
    const queue = createPinQueue(backend, book, { log: () => undefined });
    return { book, queue, backend };
  };
  const first = await pinner();
  const [root, ...leaves] = await graph('killed', 3, 1000);
  const request = first.book.draft(alice.address, { cid: root!.cid.toString(), name: '', origins: [], meta: {} }, 0);
  let hang: () => void = () => undefined;
  const hanging = new Promise<void>((resolve) => (hang = resolve));
  async function* half() {
    yield* [root!, ...leaves.slice(1)];
    hang();
    await new Promise(() => undefined);
  }
  void first.queue.take(request, half(), new AbortController().signal);
  await hanging;
  expect(idsIn(store)).toHaveLength(3);

  const second = await pinner();
  expect(second.book.of(alice.address)).toEqual([]);
  expect(second.backend.isUntidy).toBe(true);
  await until(
    async () => idsIn(store),
    (ids) => ids.length === 0,
  );
  await second.queue.stop();
  expect((await pinner()).backend.isUntidy).toBe(false);
});
