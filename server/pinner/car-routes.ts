// Uploads of one graph: `POST /car` with a CAR whose first root is pinned. Each block is hashed while it arrives. A CAR
// that is too large, incomplete or of another graph is refused, and none of its blocks stay.

import { Hono } from 'hono';
import type { Address } from 'viem';
import { readCar } from '#lib/formats/block/car.ts';
import { badRequest, RefusedError } from './errors.ts';
import type { PinsContext } from './pins-routes.ts';
import { toAnswer, type PinRequest } from './pin-request.ts';

const MAX_NAME = 255;
const MAX_CAR_HEADER = 65_536;

/** Bytes of a refused upload that are still read: a client that is sending would not receive the answer otherwise. */
const MAX_DRAIN_BYTES = 64 << 20;
const MAX_DRAIN_MS = 1_000;

export function carRoutes({ book, queue, backend, owner, nowMs }: PinsContext): Hono {
  const routes = new Hono();
  routes.post('/', async ({ req, json }) => {
    const { body, signal } = req.raw;
    if (!body) throw badRequest('The body is no CAR.');
    try {
      const address = owner(req.header('authorization'));
      const name = req.query('name') ?? '';
      if (name.length > MAX_NAME) throw badRequest(`"name" has at most ${MAX_NAME} letters.`);
      const source = body.values({ preventCancel: true }) as AsyncIterable<Uint8Array>;
      const { roots, blocks } = await readCar(source, { name: 'Upload', signal });
      try {
        const [root] = roots;
        if (!root) throw badRequest('The CAR names no root.');
        const { request, fresh } = await keep(
          address,
          root.toString(),
          name,
          Number(req.header('content-length') ?? 0),
          (made) => queue.take(made, blocks, signal),
        );
        return json(toAnswer(request, await backend.delegates()), fresh ? 201 : 200);
      } finally {
        await blocks.return();
      }
    } finally {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, MAX_DRAIN_MS)));
      await Promise.race([drain(body), late]);
      clearTimeout(timer);
    }
  });

  async function keep(
    address: Address,
    cid: string,
    name: string,
    claimedBytes: number,
    take: (request: PinRequest) => Promise<void>,
  ): Promise<{ request: PinRequest; fresh: boolean }> {
    const kept = book.of(address).find((request) => request.cid === cid && request.status === 'pinned');
    if (kept) return { request: kept, fresh: false };
    const room = book.room.left(address, cid);
    // A block takes more room on disk than in a CAR.
    if (claimedBytes > room + MAX_CAR_HEADER) {
      const what = `This wallet may take ${room} bytes more of disk here; the upload has ${claimedBytes}.`;
      throw new RefusedError(413, 'TOO_LARGE', what);
    }
    const request = book.draft(address, { cid, name, origins: [], meta: {} }, nowMs());
    try {
      await take(request);
    } catch (error) {
      await book.remove(address, request.id);
      throw error;
    }
    return { request, fresh: true };
  }
  return routes;
}

async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  let total = 0;
  try {
    for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
      total += piece.length;
      if (total > MAX_DRAIN_BYTES) return;
    }
  } catch {
    // The client has disconnected.
  }
}
