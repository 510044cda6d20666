// A trustless gateway on this machine: raw blocks of a node in memory, by their ids, to any origin.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseCid } from '#lib/formats/block/block.ts';
import type { IpfsNode } from '#lib/ipfs/node.ts';

export interface BlockGateway {
  url: string;
  close(): Promise<void>;
}

export async function serveBlocks({ blocks }: IpfsNode): Promise<BlockGateway> {
  const server = createServer((request, response) => {
    const cid = /^\/ipfs\/(\w+)\?format=raw$/.exec(request.url!)?.[1] ?? '';
    const headers = { 'access-control-allow-origin': '*' };
    blocks.read(parseCid(cid)).then(
      (bytes) => response.writeHead(200, headers).end(bytes),
      () => response.writeHead(404, headers).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
