// The IPFS Pinning Service API 1.0 (ipfs.github.io/pinning-services-api-spec), for the wallet behind the token.

import { Hono } from 'hono';
import type { Address } from 'viem';
import { parseCid } from '#lib/formats/block/block.ts';
import { badRequest, RefusedError } from './errors.ts';
import type { PinBackend } from './pin-backend.ts';
import type { PinBook } from './pin-book.ts';
import type { PinQueue } from './pin-queue.ts';
import { parseWish, STATUSES, toAnswer, type PinRequest, type PinStatus } from './pin-request.ts';

export interface PinsContext {
  book: PinBook;
  queue: PinQueue;
  backend: PinBackend;
  owner(header: string | undefined): Address;
  nowMs(): number;
}

const MAX_BODY = 32 * 1024;
const MAX_CIDS = 10;
const MATCHES = ['exact', 'iexact', 'partial', 'ipartial'] as const;

export function pinsRoutes({ book, queue, backend, owner, nowMs }: PinsContext): Hono {
  const routes = new Hono();
  const answer = async (request: PinRequest) => toAnswer(request, await backend.delegates());

  routes.get('/', async ({ req, json }) => {
    const mine = book.of(owner(req.header('authorization')));
    const { accepts, limit } = parseFilter(new URL(req.url).searchParams);
    const found = mine.filter(accepts);
    const delegates = await backend.delegates();
    const results = found.slice(0, limit).map((request) => toAnswer(request, delegates));
    return json({ count: found.length, results });
  });
  routes.post('/', async ({ req, json }) => {
    const address = owner(req.header('authorization'));
    const request = await book.add(address, parseWish(await readJson(req.raw)), nowMs());
    queue.put(request);
    return json(await answer(request), 202);
  });
  routes.get('/:id', async ({ req, json }) =>
    json(await answer(book.get(owner(req.header('authorization')), req.param('id')))),
  );
  routes.post('/:id', async ({ req, json }) => {
    const address = owner(req.header('authorization'));
    const old = book.get(address, req.param('id'));
    const request = await book.replace(address, old.id, parseWish(await readJson(req.raw)), nowMs());
    queue.put(request);
    await queue.drop(old);
    return json(await answer(request), 202);
  });
  routes.delete('/:id', async ({ req, body }) => {
    const request = await book.remove(owner(req.header('authorization')), req.param('id'));
    await queue.drop(request);
    return body(null, 202);
  });
  return routes;
}

/** Parses a JSON body of bounded size. @throws RefusedError */
export async function readJson(request: Request): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    total += part.length;
    if (total > MAX_BODY) throw new RefusedError(413, 'TOO_LARGE', `The body has more than ${MAX_BODY} bytes.`);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw badRequest('The body is no JSON.');
  }
}

interface Filter {
  limit: number;
  accepts(request: PinRequest): boolean;
}

/** Without `status` the API lists pinned requests only. */
function parseFilter(query: URLSearchParams): Filter {
  const list = (name: string) =>
    query
      .getAll(name)
      .flatMap((value) => value.split(','))
      .filter(Boolean);
  const cids = list('cid').map((cid) => {
    try {
      return parseCid(cid).toString();
    } catch {
      throw badRequest(`"${cid.slice(0, 80)}" in "cid" is not a content id.`);
    }
  });
  if (cids.length > MAX_CIDS) throw badRequest(`"cid" names more than ${MAX_CIDS}.`);
  const statuses = list('status');
  const strange = statuses.find((status) => !(STATUSES as readonly string[]).includes(status));
  if (strange !== undefined)
    throw badRequest(`"${strange.slice(0, 40)}" is no status; it is one of ${STATUSES.join(', ')}.`);
  const wanted = statuses.length > 0 ? (statuses as PinStatus[]) : (['pinned'] as const);
  const limit = Number(query.get('limit') ?? 10);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw badRequest('"limit" is a whole number from 1 to 1000.');
  const match = (query.get('match') ?? 'exact') as (typeof MATCHES)[number];
  if (!MATCHES.includes(match)) throw badRequest(`"match" is one of ${MATCHES.join(', ')}.`);
  const name = query.get('name');
  if (name !== null && name.length > 255) throw badRequest('"name" has at most 255 letters.');
  const time = (field: 'before' | 'after') => {
    const value = query.get(field);
    const parsed = value === null ? undefined : Date.parse(value);
    if (Number.isNaN(parsed)) throw badRequest(`"${field}" is no time of ISO 8601.`);
    return parsed;
  };
  const before = time('before');
  const after = time('after');
  // The API's form is `meta={"a":"b"}`; its public client writes `meta[a]=b`.
  const single = [...query].flatMap(([key, value]) => {
    const [, field] = /^meta\[(.{1,255})\]$/.exec(key) ?? [];
    return field === undefined ? [] : [[field, value] as const];
  });
  const meta = [...Object.entries(parseMeta(query.get('meta'))), ...single];
  return {
    limit,
    accepts: (request) =>
      (cids.length === 0 || cids.includes(request.cid)) &&
      wanted.some((status) => status === request.status) &&
      (name === null || nameMatches(request.name, name, match)) &&
      (before === undefined || Date.parse(request.created) < before) &&
      (after === undefined || Date.parse(request.created) > after) &&
      meta.every(([key, value]) => Object.hasOwn(request.meta, key) && request.meta[key] === value),
  };
}

function nameMatches(name: string, wanted: string, match: (typeof MATCHES)[number]): boolean {
  if (match === 'exact') return name === wanted;
  if (match === 'partial') return name.includes(wanted);
  const [a, b] = [name.toLowerCase(), wanted.toLowerCase()];
  return match === 'iexact' ? a === b : a.includes(b);
}

function parseMeta(text: string | null): Record<string, string> {
  if (text === null) return {};
  try {
    const meta: unknown = JSON.parse(text);
    return parseWish({ cid: 'bafkqaaa', meta }).meta;
  } catch {
    throw badRequest('"meta" is no JSON object of texts.');
  }
}
