// Two nodes on this machine: blocks over bitswap and WebSocket, and a clear error when no peer has them.

import { MemoryBlockstore } from 'blockstore-core';
import { afterEach, expect, it, vi } from 'vitest';
import { parseCid } from '#lib/formats/block/block.ts';
import { idsIn, memoryNode, seededBytes } from '#tests/support/ipfs-node.ts';
import { addFile } from './add-files.ts';
import { fetchDag } from './fetch-dag.ts';
import { openNetwork, type NetworkOptions } from './network.ts';
import { verifyData } from './verify-data.ts';

// Real sockets and files, on a machine with other load.
vi.setConfig({ testTimeout: 60_000 });

const NOWHERE = parseCid('bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e');
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function peer(options: NetworkOptions = {}) {
  const node = await memoryNode();
  const network = await openNetwork(node, options);
  closers.push(() => network.dispose());
  return { node, network };
}

const listening = () => peer({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] });

it('fetches a graph from a peer', async () => {
  const server = await listening();
  const root = await addFile(server.node, seededBytes(3_300_000, 'peer'));
  const client = await peer();
  expect(client.network.peers()).toEqual([]);
  expect(await client.network.connect(server.network.addresses()[0]!)).toBe(server.network.id);
  expect(await fetchDag(client.node, root, { sources: [client.network] })).toMatchObject({ blocks: 5, fetched: 5 });
  expect(await verifyData(client.node, [root])).toMatchObject({ blocks: 5, missing: [], damaged: [] });
});

it('removes the fetched blocks when the device is full', async () => {
  const server = await listening();
  const root = await addFile(server.node, seededBytes(3_300_000, 'full'));
  let room = 3;
  class Full extends MemoryBlockstore {
    override put(...args: Parameters<MemoryBlockstore['put']>) {
      if (room-- <= 0) throw new Error('QuotaExceededError');
      return super.put(...args);
    }
  }
  const store = new Full();
  const node = await memoryNode(store);
  const network = await openNetwork(node);
  closers.push(() => network.dispose());
  await network.connect(server.network.addresses()[0]!);
  await expect(fetchDag(node, root, { sources: [network] })).rejects.toMatchObject({ code: 'ipfs/storage-full' });
  expect(idsIn(store)).toEqual([]);
});

it('uses WebRTC when switched on', async () => {
  const server = await peer({ webrtc: true, listen: ['/ip4/127.0.0.1/udp/0/webrtc-direct'] });
  const root = await addFile(server.node, seededBytes(1_200_000, 'webrtc'));
  const client = await peer({ webrtc: true });
  const [address] = server.network.addresses();
  expect(address).toContain('/webrtc-direct/');
  await client.network.connect(address!);
  expect(await fetchDag(client.node, root, { sources: [client.network] })).toMatchObject({ fetched: 3 });
  const plain = await peer();
  await expect(plain.network.connect(address!)).rejects.toMatchObject({ code: 'ipfs/source-failed' });
});

it('has one peer id as long as its stores last', async () => {
  const node = await memoryNode();
  const first = await openNetwork(node);
  const { id } = first;
  await first.dispose();
  const second = await openNetwork(node);
  closers.push(() => second.dispose());
  expect(second.id).toBe(id);
});

it('ends without peers, without a peer that has the block, and on abort', async () => {
  const server = await listening();
  const client = await peer({ patienceMs: 300 });
  await expect(client.network.block(NOWHERE)).rejects.toThrow('none is connected');
  await client.network.connect(server.network.addresses()[0]!);
  await expect(client.network.block(NOWHERE)).rejects.toMatchObject({ code: 'ipfs/block-missing' });
  const stop = new AbortController();
  const asking = client.network.block(NOWHERE, { signal: stop.signal });
  stop.abort();
  await expect(asking).rejects.toMatchObject({ code: 'core/aborted' });
});

it.each([
  ['nonsense', 'ipfs/bad-address'],
  ['/ip4/127.0.0.1/tcp/1/ws', 'ipfs/source-failed'],
])('does not connect to %s', async (address, code) => {
  const { network } = await peer();
  await expect(network.connect(address)).rejects.toMatchObject({ code });
});
