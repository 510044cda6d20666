// Which addresses peer sockets may connect to, with names that resolve only on this machine, and how long a handshake
// may take.

import { createServer, connect, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { openNetwork } from '#lib/ipfs/network.ts';
import { memoryNode } from '../../tests/support/ipfs-node.ts';
import { closers } from '../../tests/support/pinner.ts';
import { peerSockets } from './peer-sockets.ts';
import { isPrivateIp } from './private-address.ts';

async function listener() {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return { port: (server.address() as AddressInfo).port, seen: () => connections };
}

async function peer(isForbidden: (ip: string) => boolean, listen: string[] = []) {
  const network = await openNetwork(await memoryNode(), {
    listen,
    webSockets: peerSockets({ isForbidden, handshakeMs: 300, maxSockets: 8 }),
  });
  closers.push(() => network.dispose());
  return network;
}

it.each([
  'ip4/127.0.0.1',
  'dns4/localhost',
  'dns/localhost.',
  'dns4/127.0.0.1',
  'dns4/127.1',
  'dns4/0x7f.1',
  'dns4/0177.0.0.1',
  'dns4/2130706433',
  'dns4/①②⑦.⓪.⓪.①',
  'ip6/::ffff:127.0.0.1',
])('does not connect to %s', async (host) => {
  const { port, seen } = await listener();
  const network = await peer(isPrivateIp);
  await expect(network.connect(`/${host}/tcp/${port}/ws`)).rejects.toMatchObject({ code: /^ipfs\// });
  expect(seen()).toBe(0);
});

it('connects to permitted addresses, also by name', async () => {
  const { port, seen } = await listener();
  const network = await peer(() => false);
  await expect(network.connect(`/dns4/localhost/tcp/${port}/ws`)).rejects.toMatchObject({ code: 'ipfs/source-failed' });
  expect(seen()).toBe(1);
});

it('accepts connections, and closes sockets that send nothing or too little', async () => {
  const there = await peer(isPrivateIp, ['/ip4/127.0.0.1/tcp/0/ws']);
  const here = await peer(() => false);
  const address = there.addresses()[0]!;
  expect(await here.connect(address)).toBe(there.id);
  const port = Number(address.split('/')[4]);
  for (const words of ['', 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: web']) {
    const socket = connect(port, '127.0.0.1');
    socket.write(words);
    await new Promise((resolve) => socket.once('close', resolve).resume());
  }
  expect(here.peers()).toEqual([there.id]);
});
