// Ends connections of clients that send their body, or take their answer, slower than any network would. Only time spent waiting
// for the client counts: what this machine is slow with is not held against it.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface SlowClientLimits {
  /** Of waiting, before the rate counts. */
  graceMs: number;
  /** Bytes a second, both ways together, over all the time that was waited in one exchange. */
  bytesPerSecond: number;
  /** Between two looks. */
  everyMs: number;
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
  /** Of the socket, when the exchange began. */
  bytesBefore: number;
  waitedMs: number;
}

/** That went through; what was written and waits for the client did not. */
const bytesOf = (socket: Socket): number => socket.bytesRead + socket.bytesWritten - socket.writableLength;

/** The client is to send more, and nothing of what it sent waits for us; or it has to take what was written. */
const isWaitedFor = ({ request, response }: Exchange): boolean =>
  (!request.complete && request.readableLength === 0) || response.writableLength > 0;

/** To be called before the server listens. Ends with the server. */
export function endSlowClients(server: Server, limits: SlowClientLimits): void {
  const { graceMs, bytesPerSecond, everyMs } = limits;
  const exchanges = new Set<Exchange>();

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    exchanges.add({ request, response, socket, bytesBefore: bytesOf(socket), waitedMs: 0 });
  });

  const timer = setInterval(() => {
    for (const exchange of exchanges) {
      // A request may go on after its answer.
      if (exchange.socket.destroyed || (exchange.response.closed && exchange.request.complete))
        exchanges.delete(exchange);
      else if (!isWaitedFor(exchange)) continue;
      exchange.waitedMs += everyMs;
      const bytes = bytesOf(exchange.socket) - exchange.bytesBefore;
      if (exchange.waitedMs > graceMs && bytes * 1000 < exchange.waitedMs * bytesPerSecond) exchange.socket.destroy();
    }
  }, everyMs);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}
