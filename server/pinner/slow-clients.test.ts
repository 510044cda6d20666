// Which clients the server waits for: a small server and sockets that send and read slowly.

import { createServer, type RequestListener } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { closers } from '../../tests/support/pinner.ts';
import { endSlowClients } from './slow-clients.ts';

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  endSlowClients(server, { graceMs: 150, bytesPerSecond: 100_000, everyMs: 25 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const gone = new Promise<void>((resolve) => server.on('connection', (socket) => socket.on('close', () => resolve())));
  return { port: (server.address() as AddressInfo).port, gone };
}

function send(port: number, words: string) {
  const socket = connect(port, '127.0.0.1', () => socket.write(words));
  socket.on('error', () => undefined);
  closers.push(async () => socket.destroy());
  return socket;
}

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

it('disconnects a client that does not read the answer', async () => {
  const { port, gone } = await serve((_request, response) => response.end(Buffer.alloc(32 << 20)));
  send(port, GET);
  await gone;
});

it('disconnects a client that sends its body too slowly, also after the answer', async () => {
  const { port, gone } = await serve((request, response) => {
    request.resume();
    response.end('no');
  });
  const socket = send(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
  const drops = setInterval(() => socket.write('x'), 20);
  await gone;
  clearInterval(drops);
});

it('does not disconnect while the server itself is slow to read the body or to answer', async () => {
  const { port } = await serve((request, response) => {
    // The body is not read for a long time, then the answer takes as long again.
    setTimeout(() => {
      request.resume();
      request.on('end', () => setTimeout(() => response.end('done'), 400));
    }, 400);
  });
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n';
  const socket = send(port, head + 'x'.repeat(200_000));
  let answer = '';
  for await (const piece of socket) answer += String(piece);
  expect(answer).toContain('done');
});
