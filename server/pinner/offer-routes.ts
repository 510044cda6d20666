// Routes of offers to Datanets: the signing wallet adds and removes them; anyone may read them to submit them to the
// chain.

import { Hono } from 'hono';
import { badRequest } from './errors.ts';
import type { OfferBook } from './offer-book.ts';
import { readJson, type PinsContext } from './pins-routes.ts';

/** Most offers in one answer. */
const PAGE = 500;

export function offerRoutes({
  offers,
  owner,
  nowMs,
}: Pick<PinsContext, 'owner' | 'nowMs'> & { offers: OfferBook }): Hono {
  const routes = new Hono();
  routes.get('/', ({ req, json }) => {
    const waiting = offers.for(req.query('datanet') ?? '', nowMs());
    return json({ count: waiting.length, offers: waiting.slice(0, PAGE) }, 200, { 'cache-control': 'no-store' });
  });
  routes.post('/', async ({ req, json }) => {
    const address = owner(req.header('authorization'));
    const { offer } = ((await readJson(req.raw)) ?? {}) as { offer?: unknown };
    if (typeof offer !== 'string') throw badRequest('The body has no "offer".');
    return json(await offers.add(address, offer, nowMs()), 201);
  });
  routes.delete('/:id', async ({ req, body }) => {
    await offers.remove(owner(req.header('authorization')), req.param('id'));
    return body(null, 204);
  });
  return routes;
}
