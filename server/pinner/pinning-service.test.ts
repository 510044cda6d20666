// The Pinning Service API of a running pinner, used through its public client.

import { Status, TextMatchingStrategy } from '@ipfs-shipyard/pinning-service-client';
import { describe, expect, it, vi } from 'vitest';
import { makeBlock, RAW } from '#lib/formats/block/block.ts';
import { text } from '../../tests/support/ipfs-node.ts';
import {
  alice,
  bob,
  carOf,
  clientOf,
  contributor,
  filesIn,
  publicClient,
  start,
  tokenOf,
  until,
} from '../../tests/support/pinner.ts';

// Real sockets and files on a busy machine need more time.
vi.setConfig({ testTimeout: 60_000 });

describe('the Pinning Service API, through its public client', () => {
  it('pins a graph from a peer, lists, renames and removes it', async () => {
    const { pinner, folder } = await start();
    const client = publicClient(pinner);
    const { root, network } = await contributor(pinner);
    const cid = root.toString();
    const made = await client.pinsPost({ pin: { cid, name: 'Rows of March', meta: { datanet: '7' } } });
    expect(made.delegates).toEqual(pinner.addresses);
    await until(
      () => client.pinsRequestidGet({ requestid: made.requestid }),
      ({ status }) => status === Status.Pinned,
    );
    // The contributor disconnects.
    await network.dispose();

    const count = async (query: Parameters<typeof client.pinsGet>[0]) => (await client.pinsGet(query)).count;
    expect(await count({})).toBe(1);
    expect(await count({ cid: [cid] })).toBe(1);
    expect(await count({ name: 'Rows of March' })).toBe(1);
    expect(await count({ name: 'rows of march' })).toBe(0);
    expect(await count({ name: 'rows OF march', match: TextMatchingStrategy.Iexact })).toBe(1);
    expect(await count({ name: 'of', match: TextMatchingStrategy.Partial })).toBe(1);
    expect(await count({ name: 'MARCH', match: TextMatchingStrategy.Ipartial })).toBe(1);
    expect(await count({ meta: { datanet: '7' } })).toBe(1);
    expect(await count({ meta: { datanet: '8' } })).toBe(0);
    const byMeta = await fetch(`${pinner.url}pins?meta=${encodeURIComponent('{"datanet":"7"}')}`, {
      headers: { authorization: `Bearer ${tokenOf(pinner)}` },
    });
    expect(await byMeta.json()).toMatchObject({ count: 1 });
    expect(await count({ status: [Status.Queued, Status.Failed] })).toBe(0);
    expect(await count({ before: made.created })).toBe(0);
    expect(await count({ after: new Date(made.created.getTime() - 1) })).toBe(1);

    const renamed = await client.pinsRequestidPost({ requestid: made.requestid, pin: { cid, name: 'Rows' } });
    expect(renamed.requestid).not.toBe(made.requestid);
    await expect(client.pinsRequestidGet({ requestid: made.requestid })).rejects.toHaveProperty('status', 404);
    await until(
      () => client.pinsRequestidGet({ requestid: renamed.requestid }),
      ({ status }) => status === Status.Pinned,
    );
    expect(await filesIn(folder)).toHaveLength(6);
    await client.pinsRequestidDelete({ requestid: renamed.requestid });
    expect(await count({ status: Object.values(Status) })).toBe(0);
    await until(
      () => filesIn(folder),
      (files) => files.length === 0,
    );
  });

  it('keeps a graph while any wallet pins it, and shows each wallet only its own requests', async () => {
    const { pinner } = await start();
    const { root } = await contributor(pinner);
    const [first, second] = [publicClient(pinner), publicClient(pinner, bob)];
    const pin = { cid: root.toString() };
    const [a, b] = [await first.pinsPost({ pin }), await second.pinsPost({ pin })];
    for (const [client, { requestid }] of [
      [first, a],
      [second, b],
    ] as const) {
      await until(
        () => client.pinsRequestidGet({ requestid }),
        ({ status }) => status === Status.Pinned,
      );
    }
    await expect(second.pinsRequestidGet({ requestid: a.requestid })).rejects.toHaveProperty('status', 404);
    await expect(second.pinsRequestidDelete({ requestid: a.requestid })).rejects.toHaveProperty('status', 404);
    await first.pinsRequestidDelete({ requestid: a.requestid });
    // Once another graph is removed, so are all blocks without a pin.
    const other = await makeBlock(RAW, text('other'));
    const { requestId } = await clientOf(pinner).upload(await carOf([other.cid], [other]));
    await clientOf(pinner).remove(requestId);
    await until(
      () => fetch(`${pinner.url}ipfs/${other.cid.toString()}?format=raw`),
      ({ status }) => status === 404,
    );
    expect((await fetch(`${pinner.url}ipfs/${root.toString()}?format=raw`)).status).toBe(200);
    await second.pinsRequestidDelete({ requestid: b.requestid });
    await until(
      () => fetch(`${pinner.url}ipfs/${root.toString()}?format=raw`),
      ({ status }) => status === 404,
    );
  });

  it('lists requests in pages by time', async () => {
    const { pinner } = await start();
    const client = publicClient(pinner);
    for (let at = 0; at < 12; at++) {
      await client.pinsPost({ pin: { cid: (await makeBlock(RAW, text(`page ${at}`))).cid.toString(), name: `${at}` } });
    }
    const status = Object.values(Status);
    const first = await client.pinsGet({ status });
    expect(first.count).toBe(12);
    const names = (results: Iterable<{ pin: { name?: string | undefined } }>) =>
      [...results].map(({ pin }) => pin.name);
    expect(names(first.results)).toEqual(['11', '10', '9', '8', '7', '6', '5', '4', '3', '2']);
    const before = [...first.results].at(-1)!.created;
    expect(names((await client.pinsGet({ status, before })).results)).toEqual(['1', '0']);
  });

  it.each<[string, RequestInit & { path?: string }, number]>([
    ['no token', { headers: {} }, 401],
    [
      'a token of somewhere else',
      { headers: { authorization: `Bearer ${alice.address.toLowerCase()}.9999999999999.${'A'.repeat(43)}` } },
      401,
    ],
    ['no JSON', { method: 'POST', body: '{' }, 400],
    ['no id', { method: 'POST', body: '{"cid":"nonsense"}' }, 400],
    [
      'a codec that is not kept',
      { method: 'POST', body: '{"cid":"baguqeerasords4njcts6vs7qvdjfcvgnume4hqohf65zsfguprqphs3icwea"}' },
      400,
    ],
    ['origins that are none', { method: 'POST', body: '{"cid":"bafkqaaa","origins":"x"}' }, 400],
    ['meta that is none', { method: 'POST', body: '{"cid":"bafkqaaa","meta":{"a":1}}' }, 400],
    ['a long name', { method: 'POST', body: JSON.stringify({ cid: 'bafkqaaa', name: 'n'.repeat(256) }) }, 400],
    ['a large body', { method: 'POST', body: JSON.stringify({ cid: 'bafkqaaa', x: 'x'.repeat(70_000) }) }, 413],
    ['large meta', { method: 'POST', body: JSON.stringify({ cid: 'bafkqaaa', meta: { a: 'a'.repeat(5000) } }) }, 400],
    ['a strange status', { path: '?status=lost' }, 400],
    ['a strange limit', { path: '?limit=1001' }, 400],
    ['a strange match', { path: '?match=fuzzy' }, 400],
    ['a strange time', { path: '?before=yesterday' }, 400],
    ['eleven ids', { path: `?cid=${Array(11).fill('bafkqaaa').join(',')}` }, 400],
    ['an unknown request', { path: '/nothing' }, 404],
  ])('refuses %s with an explanation', async (_what, { path = '', ...init }, status) => {
    const { pinner } = await start();
    const headers = init.headers ?? { authorization: `Bearer ${tokenOf(pinner)}` };
    const response = await fetch(`${pinner.url}pins${path}`, { ...init, headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { reason: expect.stringMatching(/^[A-Z_]+$/), details: expect.any(String) },
    });
  });
});
