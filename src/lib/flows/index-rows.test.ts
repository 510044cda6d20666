// A version is made searchable shard by shard: all of its rows are found afterwards, and a damaged shard ends it by name.

import { expect, it } from 'vitest';
import { createRowSearcher } from '#lib/datanets/search/row-searcher.ts';
import { digester, packRows, someRows } from '#tests/support/datanets.ts';
import { indexRows, type Indexed } from './index-rows.ts';

const packed = await packRows(someRows(2000));
const { signal } = new AbortController();
const bring = () => Promise.reject(new Error('the list of shards of a small version lies in no pages'));

it('yields how much can be searched, and finds every row at the end', async () => {
  const searcher = createRowSearcher(async () => digester);
  const events: Indexed[] = [];
  for await (const event of indexRows({ searcher, bring }, packed.open, { signal })) events.push(event);
  const { rows, bytes } = packed.version.stats;
  expect(events).toHaveLength(packed.shards.length);
  expect(events.map((event) => event.rows)).toEqual(events.map((event) => event.rows).sort((a, b) => a - b));
  expect(events.at(-1)).toEqual({ rows, ofRows: rows, bytes, ofBytes: bytes });
  expect((await searcher.search({ words: '', filters: [] }, 5)).total).toBe(2000);
  expect((await searcher.search({ words: 'Row 1234 ', filters: [] }, 5)).total).toBeGreaterThan(0);
});

it('stops at a damaged shard', async () => {
  const { source, open } = await packRows(someRows(500));
  const { cid } = open.shards[1]!;
  source.blocks.set(cid.toString(), new Uint8Array(10));
  const events: Indexed[] = [];
  const run = async () => {
    const searcher = createRowSearcher(async () => digester);
    for await (const event of indexRows({ searcher, bring }, open, { signal })) events.push(event);
  };
  await expect(run()).rejects.toThrow(cid.toString());
  expect(events.length).toBeLessThan(open.shards.length);
});
