// A trustless gateway (specs.ipfs.tech/http-gateways/trustless-gateway): raw blocks and CARs of pinned graphs, hashed
// again before they are sent. It serves local blocks only and renders no pages.

import { ReadableStream } from 'node:stream/web';
import { Hono, type Context } from 'hono';
import type { CID } from 'multiformats/cid';
import { checkBlock, IDENTITY, parseCid } from '#lib/formats/block/block.ts';
import { writeCar } from '#lib/formats/block/car.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { walkDag } from '#lib/ipfs/walk.ts';
import { BackendFailedError, badRequest, RefusedError } from './errors.ts';
import type { PinBackend } from './pin-backend.ts';

const RAW_TYPE = 'application/vnd.ipld.raw';
const CAR_TYPE = 'application/vnd.ipld.car';
/** Seconds: a year, since the content of an id never changes. */
const FOREVER = 'public, max-age=31536000, immutable';

export function gatewayRoutes(backend: PinBackend): Hono {
  const routes = new Hono();
  routes.get('/:cid', async (c) => {
    const cid = readCid(c.req.param('cid'));
    const format = readFormat(c);
    const etag = `"${cid.toString()}.${format}"`;
    const headers = {
      etag,
      'cache-control': FOREVER,
      'content-disposition': `attachment; filename="${cid.toString()}.${format === 'raw' ? 'bin' : 'car'}"`,
      'x-content-type-options': 'nosniff',
      'x-ipfs-path': `/ipfs/${cid.toString()}`,
      'x-ipfs-roots': cid.toString(),
    };
    const known = c.req.header('if-none-match');
    if (known !== undefined && names(known, etag)) return c.body(null, 304, headers);
    if (cid.multihash.code !== IDENTITY && !(await backend.holds(cid)))
      throw new BlockMissingError(cid.toString(), { asked: [backend.name] });
    return format === 'raw' ? sendRaw(c, cid, headers) : sendCar(c, cid, headers);
  });
  routes.all('/:cid/*', () => {
    throw badRequest('Paths below a content id are not served; ask for blocks or a CAR and follow the path yourself.');
  });

  async function read(cid: CID, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await backend.block(cid, signal);
    await checkBlock({ cid, bytes }, `Block of ${backend.name}`).catch((cause: unknown) => {
      throw new BackendFailedError(backend.name, `block ${cid.toString()} is damaged`, cause);
    });
    return bytes as Uint8Array<ArrayBuffer>;
  }

  async function sendRaw(c: Context, cid: CID, headers: Record<string, string>): Promise<Response> {
    const bytes = await read(cid, c.req.raw.signal);
    const whole = { ...headers, 'content-type': RAW_TYPE, 'accept-ranges': 'bytes' };
    const range = parseRange(c.req.header('range'), bytes.length);
    if (!range) return c.body(bytes, 200, { ...whole, 'content-length': String(bytes.length) });
    const { start, end } = range;
    if (start > end) {
      return c.body(null, 416, { 'content-range': `bytes */${bytes.length}` });
    }
    return c.body(bytes.slice(start, end + 1), 206, {
      ...whole,
      'content-range': `bytes ${start}-${end}/${bytes.length}`,
    });
  }

  async function sendCar(c: Context, root: CID, headers: Record<string, string>): Promise<Response> {
    const scope = c.req.query('dag-scope') ?? 'all';
    if (scope !== 'all' && scope !== 'block') throw badRequest('"dag-scope" is "all" or "block".');
    const { signal } = c.req.raw;
    // A missing root is answered with a status before the first byte; later the only way to report a failure is to
    // abort.
    const first = await read(root, signal);
    const get = async (cid: CID) => (cid.equals(root) ? first : read(cid, signal));
    const blocks = scope === 'block' ? [{ cid: root, bytes: first }] : walkDag(get, [root], { signal });
    const type = `${CAR_TYPE}; version=1; order=dfs; dups=n`;
    if (c.req.method === 'HEAD') return c.body(null, 200, { ...headers, 'content-type': type });
    const stream = ReadableStream.from(writeCar([root], blocks)) as globalThis.ReadableStream<Uint8Array<ArrayBuffer>>;
    return c.body(stream, 200, { ...headers, 'content-type': type, 'accept-ranges': 'none' });
  }
  return routes;
}

/** Whether a list of entity tags (RFC 9110 §13.1.2) contains `etag` or is `*`. */
function names(list: string, etag: string): boolean {
  if (list.trim() === '*') return true;
  return list.split(',').some((entry) => {
    const tag = entry.trim();
    return tag === etag || tag === `W/${etag}`;
  });
}

function readCid(text: string): CID {
  try {
    return parseCid(text);
  } catch (cause) {
    throw new RefusedError(400, 'BAD_REQUEST', `"${text.slice(0, 80)}" is not a content id this gateway serves.`, {
      cause,
    });
  }
}

function readFormat(c: Context): 'raw' | 'car' {
  const asked = c.req.query('format');
  if (asked === 'raw' || asked === 'car') return asked;
  const accept = c.req.header('accept') ?? '';
  if (asked === undefined && accept.includes(RAW_TYPE)) return 'raw';
  if (asked === undefined && accept.includes(CAR_TYPE)) return 'car';
  throw new RefusedError(406, 'NOT_ACCEPTABLE', 'This gateway serves blocks and CARs only.', {
    hint: 'Ask with ?format=raw or ?format=car.',
  });
}

/** One range, both ends included; undefined for none or several. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]));
  return { start, end };
}
