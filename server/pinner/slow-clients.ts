// Closes connections of clients that send their body or read their answer below a minimum rate. Only time spent waiting
// for the client counts, not the time this server takes.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface SlowClientLimits {
  /** Milliseconds of waiting before the rate counts. */
  graceMs: number;
  /** Minimum bytes a second, both directions together, over all waiting time of one exchange. */
  bytesPerSecond: number;
  /** Milliseconds between two checks. */
  everyMs: number;
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
  /** Byte count of the socket when the exchange began. */
  bytesBefore: number;
  waitedMs: number;
}

/** Bytes transferred; written bytes that the client has not read yet do not count. */
const bytesOf = (socket: Socket): number => socket.bytesRead + socket.bytesWritten - socket.writableLength;

/** Whether the server waits for the client: for more of its body with none unread, or for it to read written bytes. */
const isWaitedFor = ({ request, response }: Exchange): boolean =>
  (!request.complete && request.readableLength === 0) || response.writableLength > 0;

/** Call before the server listens. Stops with the server. */
export function endSlowClients(server: Server, limits: SlowClientLimits): void {
  const { graceMs, bytesPerSecond, everyMs } = limits;
  const exchanges = new Set<Exchange>();

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    exchanges.add({ request, response, socket, bytesBefore: bytesOf(socket), waitedMs: 0 });
  });

  const timer = setInterval(() => {
    for (const exchange of exchanges) {
      // A request body may continue after the answer.
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
