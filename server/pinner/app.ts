// The HTTP application of a pinner: pins, uploads, gateway, offers, sign-in. Errors have the JSON shape of the Pinning
// Service API; a defect is answered with status 500 and no details.

import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { BlockMissingError, StorageFullError, TooLargeError } from '#lib/ipfs/errors.ts';
import { carRoutes } from './car-routes.ts';
import { RefusedError } from './errors.ts';
import { gatewayRoutes } from './gateway-routes.ts';
import type { OfferBook } from './offer-book.ts';
import { offerRoutes } from './offer-routes.ts';
import { pinsRoutes, readJson, type PinsContext } from './pins-routes.ts';
import type { Tokens } from './tokens.ts';

export interface AppOptions extends Omit<PinsContext, 'owner'> {
  tokens: Tokens;
  offers: OfferBook;
  /** Peer id of the node, if it has one. */
  peerId: string | undefined;
  /** Public URL; sign-in messages name it. */
  uri: string;
  log(line: string): void;
}

export function createPinnerApp(options: AppOptions): Hono {
  const { tokens, backend, book, nowMs, uri, peerId, log } = options;
  const owner = (header: string | undefined) => tokens.owner(header, nowMs());
  const app = new Hono();
  app.use(
    cors({
      origin: '*',
      allowHeaders: ['authorization', 'content-type', 'range', 'if-none-match'],
      allowMethods: ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'],
      exposeHeaders: ['content-range', 'content-length', 'etag', 'x-ipfs-path', 'x-ipfs-roots'],
      maxAge: 86_400,
    }),
  );
  app.onError((error, c) => {
    const { status, reason, details } = inWords(error, log);
    return c.json({ error: { reason, details } }, status, { 'cache-control': 'no-store' });
  });
  app.notFound((c) => c.json({ error: { reason: 'NOT_FOUND', details: 'There is nothing here.' } }, 404));

  app.get('/', async (c) =>
    c.json({ name: 'payable pinner', backend: backend.name, uri, peerId, delegates: await backend.delegates() }),
  );
  app.post('/auth/challenge', async (c) => {
    const nonce = tokens.challenge(await readJson(c.req.raw), c.req.header('origin'), nowMs());
    return c.json({ nonce, uri });
  });
  app.post('/auth/token', async (c) =>
    c.json(await tokens.signIn(await readJson(c.req.raw), c.req.header('origin'), nowMs())),
  );
  app.get('/usage', (c) => {
    const address = owner(c.req.header('authorization'));
    return c.json({ address, ...book.usage(address), roomBytes: book.room.left(address, '') });
  });
  const context = { ...options, owner };
  app.route('/pins', pinsRoutes(context));
  app.route('/car', carRoutes(context));
  app.route('/offers', offerRoutes(context));
  app.route('/ipfs', gatewayRoutes(backend));
  return app;
}

function inWords(
  error: Error,
  log: (line: string) => void,
): { status: ContentfulStatusCode; reason: string; details: string } {
  if (error instanceof RefusedError) return { status: error.status, reason: error.reason, details: error.toLine() };
  if (error instanceof BlockMissingError) return { status: 404, reason: 'NOT_FOUND', details: error.toLine() };
  if (error instanceof TooLargeError) return { status: 413, reason: 'TOO_LARGE', details: error.toLine() };
  if (error instanceof StorageFullError)
    return { status: 507, reason: 'INSUFFICIENT_STORAGE', details: error.toLine() };
  if (error instanceof AbortedError)
    return { status: 400, reason: 'BAD_REQUEST', details: 'The request was broken off.' };
  if (error instanceof PayableError && error.code.startsWith('format/')) {
    return { status: 400, reason: 'BAD_REQUEST', details: error.toLine() };
  }
  log(`internal error: ${error.stack ?? String(error)}`);
  return { status: 500, reason: 'INTERNAL_SERVER_ERROR', details: 'The pinner failed; its log says more.' };
}
