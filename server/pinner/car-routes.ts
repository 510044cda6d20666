// A graph in one upload: `POST /car` with a CAR whose first root is what to keep. Each block is hashed while it arrives;
// what does not fit, does not hold together or names another graph is refused, and nothing of it stays.

import { Hono } from 'hono';
import type { Address } from 'viem';
import { readCar } from '#lib/core/format/car.ts';
import { badRequest, RefusedError } from './errors.ts';
import type { PinsContext } from './pins-routes.ts';
import { toAnswer, type PinRequest } from './pin-request.ts';

const MAX_NAME = 255;

/** What is read of an upload that was answered already, so that its sender gets to hear the answer. */
const MAX_DRAIN = 64 << 20;

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
      await drain(body);
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
    const room = book.room(address, cid);
    // A CAR is larger than its blocks by a few bytes each.
    if (claimedBytes > room * 1.2 + 65_536) {
      const what = `This wallet may keep ${room} bytes more here; the upload has ${claimedBytes}.`;
      throw new RefusedError(413, 'TOO_LARGE', what);
    }
    const request = await book.add(address, { cid, name, origins: [], meta: {} }, nowMs());
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
      if (total > MAX_DRAIN) return;
    }
  } catch {
    // Who sent it has left.
  }
}
