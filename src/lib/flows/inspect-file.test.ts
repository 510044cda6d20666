// Inspecting a file: what it repeats of the current version, with progress; a version that cannot be read is no obstacle.

import { expect, it } from 'vitest';
import { memoryFile } from '#tests/support/import-files.ts';
import { jsonl } from '#tests/support/imported.ts';
import { memoryDatanet } from '#tests/support/memory-datanet.ts';
import type { Reading } from '#lib/datanets/import/import-rows.ts';
import { inspectFile, type InspectEvent } from './inspect-file.ts';

const row = (n: number) => ({ text: `Bird ${n * 7919} was seen ${n} times beyond hill ${n % 13}.` });
const named = (n: number) => ({ ...row(n), id: `row-${n}` });
const file = memoryFile('birds.jsonl', jsonl([row(1), row(2), row(2), { text: 'Mail me at ada@ornis.ch, please.' }]));

type Datanet = Awaited<ReturnType<typeof memoryDatanet>>;

async function inspect(datanet: Datanet, signal = new AbortController().signal, reading: Reading = {}) {
  const events: InspectEvent[] = [];
  const input = { facts: datanet.facts(), file, reading };
  for await (const event of inspectFile(datanet.context, input, { signal })) events.push(event);
  const opened = events.find((event) => event.type === 'opened');
  const inspected = events.find((event) => event.type === 'inspected');
  return { events, opened, report: inspected?.report };
}

it('reports on all rows, first of all whether there is a version to compare with', async () => {
  const { events, opened, report } = await inspect(await memoryDatanet());
  expect(opened).toEqual({ type: 'opened', version: null, isMissing: false });
  expect([events[0]?.type, events.at(-1)?.type]).toEqual(['opened', 'inspected']);
  expect(report).toMatchObject({ rows: 4, duplicates: { exact: 1 }, findings: { count: { 'e-mail': 1 } } });
  const last = events.findLast((event) => event.type === 'inspecting');
  expect(last).toEqual({ type: 'inspecting', bytes: file.size, ofBytes: file.size, rows: 4 });
});

it('compares with the newest version', async () => {
  const datanet = await memoryDatanet();
  await datanet.publish([named(1), named(2), named(3)]);
  const cid = await datanet.publish([named(1), named(3)]);
  const { opened, report } = await inspect(datanet);
  expect([opened?.version?.cid.equals(cid), opened?.isMissing]).toEqual([true, false]);
  expect(report?.duplicates).toMatchObject({
    exact: 2,
    first: [
      { line: 1, first: { in: 'datanet', id: 'row-1' } },
      { line: 3, first: { in: 'file', line: 2 } },
    ],
  });
});

it('says that the newest version cannot be read, and inspects the file without it', async () => {
  const datanet = await memoryDatanet();
  const cid = await datanet.publish([named(1)]);
  datanet.blocks.delete(cid.toString());
  const { opened, report } = await inspect(datanet);
  expect(opened).toEqual({ type: 'opened', version: null, isMissing: true });
  expect(report).toMatchObject({ rows: 4, duplicates: { exact: 1 } });
});

it('reads fields as the user said', async () => {
  const reading: Reading = { mapping: { kind: 'text', text: 'no such field' } };
  await expect(inspect(await memoryDatanet(), undefined, reading)).rejects.toThrow('field "no such field" is missing');
});

it('stops when it is aborted, and does not take that for a missing version', async () => {
  const datanet = await memoryDatanet();
  await datanet.publish([named(1)]);
  await expect(inspect(datanet, AbortSignal.abort())).rejects.toThrow();
});
