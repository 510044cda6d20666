// The gateway of a running pinner.

import { join } from 'node:path';
import { CarReader } from '@ipld/car';
import { describe, expect, it, vi } from 'vitest';
import { makeBlock, RAW } from '#lib/formats/block/block.ts';
import { text } from '../../tests/support/ipfs-node.ts';
import { carOf, clientOf, filesIn, start } from '../../tests/support/pinner.ts';

// Real sockets and files on a busy machine need more time.
vi.setConfig({ testTimeout: 60_000 });

describe('the gateway', () => {
  async function withHello() {
    const { pinner, folder } = await start();
    const block = await makeBlock(RAW, text('hello world'));
    await clientOf(pinner).upload(await carOf([block.cid], [block]));
    return { url: `${pinner.url}ipfs/${block.cid.toString()}`, base: pinner.url, folder, id: block.cid.toString() };
  }

  it('serves blocks as immutable, in ranges, to every origin', async () => {
    const { url, id } = await withHello();
    const whole = await fetch(`${url}?format=raw`, { headers: { origin: 'https://app.example' } });
    expect(await whole.text()).toBe('hello world');
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'application/vnd.ipld.raw',
      'cache-control': 'public, max-age=31536000, immutable',
      etag: `"${id}.raw"`,
      'access-control-allow-origin': '*',
      'content-length': '11',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    });
    const get = (headers: Record<string, string>, query = '?format=raw') => fetch(url + query, { headers });
    const part = await get({ range: 'bytes=6-8' });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, 'wor', 'bytes 6-8/11']);
    expect(await (await get({ range: 'bytes=-5' })).text()).toBe('world');
    expect(await (await get({ range: 'bytes=6-' })).text()).toBe('world');
    const outside = await get({ range: 'bytes=11-' });
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */11']);
    expect((await get({ 'if-none-match': `W/"x", "${id}.raw"` })).status).toBe(304);
    expect((await get({ accept: 'application/vnd.ipld.raw' }, '')).status).toBe(200);
    const head = await fetch(`${url}?format=raw`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '11', '']);
    const car = await get({ accept: 'application/vnd.ipld.car' }, '');
    expect(car.headers.get('content-type')).toBe('application/vnd.ipld.car; version=1; order=dfs; dups=n');
    expect((await CarReader.fromBytes(new Uint8Array(await car.arrayBuffer()))).version).toBe(1);
    const asked = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'range',
      },
    });
    expect(asked.headers.get('access-control-allow-headers')).toContain('range');
  });

  it.each([
    ['a page', '', {}, 406],
    ['an unknown form', '?format=tar', {}, 406],
    ['a path', '/x?format=raw', {}, 400],
    ['a part of the graph it does not know', '?format=car&dag-scope=entity', {}, 400],
  ])('refuses %s', async (_what, rest, headers, status) => {
    const { url } = await withHello();
    expect((await fetch(url + rest, { headers })).status).toBe(status);
  });

  it('answers 404 or 400 for unknown blocks and malformed ids', async () => {
    const { base } = await withHello();
    const { cid } = await makeBlock(RAW, text('elsewhere'));
    expect((await fetch(`${base}ipfs/${cid.toString()}?format=raw`)).status).toBe(404);
    expect((await fetch(`${base}ipfs/${cid.toString()}?format=car`)).status).toBe(404);
    expect((await fetch(`${base}ipfs/..%2f..%2fetc%2fpasswd?format=raw`)).status).toBe(400);
    expect((await fetch(`${base}nothing`)).status).toBe(404);
  });

  it('does not serve a block that was changed on disk', async () => {
    const { url, folder, id } = await withHello();
    const { writeFile } = await import('node:fs/promises');
    for (const { parentPath, name } of await filesIn(folder)) await writeFile(join(parentPath, name), 'hello w0rld');
    expect(id).toBeTruthy();
    expect((await fetch(`${url}?format=raw`)).status).toBe(500);
  });
});
