// Preparing a review: each row is compared with the current version and with earlier contributions, as far as those can be read.

import { describe, expect, it } from 'vitest';
import { memoryDatanet } from '#tests/support/memory-datanet.ts';
import { reviewContribution, type ReviewEvent } from './review-contribution.ts';

const row = (n: number) => ({ id: `row-${n}`, text: `Bird ${n * 7919} was seen ${n} times beyond hill ${n % 13}.` });
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => row(from + at));
/** The same words under another id. */
const copy = (n: number) => ({ ...row(n), id: `copy-${n}` });

type Datanet = Awaited<ReturnType<typeof memoryDatanet>>;

async function review(
  datanet: Datanet,
  number: number,
  { maxRows = 1000, signal = new AbortController().signal } = {},
) {
  const contribution = datanet.listed().find((one) => one.number === number)!;
  const input = { facts: datanet.facts(), contribution, maxRows };
  const events: ReviewEvent[] = [];
  for await (const event of reviewContribution(datanet.context, input, { signal })) events.push(event);
  const compared = events.flatMap((event) => (event.type === 'compared' ? event.rows : []));
  return {
    events,
    kinds: Object.fromEntries(compared.map((one) => [one.row.id, one.standing.kind])),
    unread: events.flatMap((event) => (event.type === 'unread' ? [event.number] : [])),
  };
}

describe('the rows of a contribution', () => {
  it('are compared with the current version, or with none while there is none', async () => {
    const datanet = await memoryDatanet();
    await datanet.contribute(0, [row(1), copy(2), row(50)]);
    expect((await review(datanet, 1)).kinds).toEqual({ 'row-1': 'new', 'copy-2': 'new', 'row-50': 'new' });
    await datanet.publish(rows(0, 20));
    expect((await review(datanet, 1)).kinds).toEqual({ 'row-1': 'conflict', 'copy-2': 'same', 'row-50': 'new' });
  });

  it('are compared with earlier contributions that may still be published, and with no others', async () => {
    const datanet = await memoryDatanet();
    for (const [at, state] of (
      ['pending', 'accepted', 'appealed', 'rejected', 'dismissed', 'withdrawn'] as const
    ).entries())
      await datanet.contribute(1, [row(at)], state);
    await datanet.contribute(0, [0, 1, 2, 3, 4, 5, 6].map(copy));
    await datanet.contribute(1, [row(6)]);
    const { kinds, unread } = await review(datanet, 7);
    expect(Object.values(kinds)).toEqual(['same', 'same', 'same', 'new', 'new', 'new', 'new']);
    expect(unread).toEqual([]);
  });

  it('come after figures of all rows that are read: those before them, and their own twice', async () => {
    const datanet = await memoryDatanet();
    await datanet.publish(rows(0, 30));
    await datanet.contribute(1, rows(100, 110));
    await datanet.contribute(0, rows(200, 205));
    const { events } = await review(datanet, 2);
    const figures = events.flatMap((event) => (event.type === 'comparing' ? [[event.rows, event.ofRows]] : []));
    expect(figures.length).toBeGreaterThan(0);
    expect(figures.at(-1)).toEqual([50, 50]);
    expect(figures.map(([read]) => read)).toEqual(figures.map(([read]) => read!).toSorted((a, b) => a - b));
  });
});

it('names an earlier contribution that cannot be read, and compares with the others', async () => {
  const datanet = await memoryDatanet();
  const gone = await datanet.contribute(1, [row(1)]);
  await datanet.contribute(1, [row(2)]);
  await datanet.contribute(0, [copy(1), copy(2)]);
  datanet.blocks.delete(gone.toString());
  const { kinds, unread } = await review(datanet, 3);
  expect([kinds, unread]).toEqual([{ 'copy-1': 'new', 'copy-2': 'same' }, [1]]);
});

it('ends at once with a contribution that is too large, though only after it is proven', async () => {
  const datanet = await memoryDatanet();
  const cid = await datanet.contribute(0, rows(0, 11));
  expect((await review(datanet, 1, { maxRows: 10 })).events).toEqual([{ type: 'too-large' }]);
  expect((await review(datanet, 1, { maxRows: 11 })).events).not.toContainEqual({ type: 'too-large' });
  const fresh = await memoryDatanet();
  await fresh.contribute(0, rows(0, 11));
  fresh.blocks.delete(cid.toString());
  await expect(review(fresh, 1, { maxRows: 10 })).rejects.toMatchObject({ code: 'ipfs/block-missing' });
});

it('refuses a contribution that says something else than the chain', async () => {
  const datanet = await memoryDatanet();
  await datanet.contribute(0, rows(0, 4));
  const [contribution] = datanet.listed();
  const lied = { facts: datanet.facts(), contribution: { ...contribution!, rows: 5 }, maxRows: 10 };
  const events = reviewContribution(datanet.context, lied, new AbortController());
  await expect(events.next()).rejects.toThrow('it has 4 rows, the chain says 5');
});

it('stops when it is aborted, and does not take that for an unreadable contribution', async () => {
  const datanet = await memoryDatanet();
  await datanet.contribute(1, rows(0, 4));
  await datanet.contribute(0, rows(4, 8));
  await expect(review(datanet, 2, { signal: AbortSignal.abort() })).rejects.toThrow();
  const stop = new AbortController();
  const { records } = datanet.context;
  datanet.context.records = (table) => {
    stop.abort();
    return records(table);
  };
  const input = { facts: datanet.facts(), contribution: datanet.listed()[1]!, maxRows: 10 };
  await expect(Array.fromAsync(reviewContribution(datanet.context, input, stop))).rejects.toThrow();
});
