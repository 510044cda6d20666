// A file is inspected as a whole: for duplicates within it and in a Datanet, and against schema and licence.

import { expect, it } from 'vitest';
import { findLicence } from '#lib/formats/datanet/licences.ts';
import { digester, packRows, someRows } from '#tests/support/datanets.ts';
import { memoryFile } from '#tests/support/import-files.ts';
import { createSchemaCheck } from '../checks/check-schema.ts';
import { inspectImport, type InspectedRow, type InspectOptions } from './inspect-import.ts';

async function inspect(rows: readonly unknown[], options: Partial<InspectOptions> = {}) {
  const source = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
  const batches = inspectImport(memoryFile('new.jsonl', source), { digester, languageOf: () => 'en', ...options });
  const inspected: InspectedRow[] = [];
  let next = await batches.next();
  for (; !next.done; next = await batches.next()) inspected.push(...next.value.rows);
  return { inspected, report: next.value };
}

const facts = someRows(40).map((row) => ({ ...row, text: `${row.text} It was noted on page ${row.n * 31} by hand.` }));

it('credits rows that the Datanet has to their contributors there', async () => {
  const { open } = await packRows(facts);
  const { report } = await inspect(
    [{ ...facts[7], id: 'x' }, { text: 'Something new altogether.' }, { ...facts[7], contributor: undefined }],
    { known: open },
  );
  const first = { in: 'datanet', id: facts[7]!.id, contributor: facts[7]!.contributor };
  expect(report.duplicates).toMatchObject({
    exact: 2,
    near: 0,
    threshold: 0.8,
    lookedNear: true,
    first: [
      { line: 1, kind: 'exact', first },
      { line: 3, kind: 'exact', first },
    ],
  });
});

it('counts and reports findings, by line', async () => {
  const { inspected, report } = await inspect([
    { text: 'Write to jane@firm.org.' },
    '{"text":',
    { text: 'Write to jane@firm.org.' },
    { title: 'no text' },
  ]);
  expect(report).toMatchObject({
    rows: 2,
    issues: { count: 2, leftOut: 2, first: [{ line: 2 }, { line: 4 }] },
    duplicates: { exact: 1, first: [{ line: 3, first: { in: 'file', line: 1 } }] },
    findings: {
      count: { 'e-mail': 2 },
      first: [{ line: 1, kind: 'e-mail', field: 'text', excerpt: 'jan…rg' }, { line: 3 }],
    },
    statistics: { rows: 2, languages: { count: { en: 2 } } },
  });
  expect(inspected.map(({ line, duplicate }) => [line, duplicate?.kind ?? null])).toEqual([
    [1, null],
    [3, 'exact'],
  ]);
});

it('leaves out rows that do not fit schema or licence, and reports them', async () => {
  const schema = createSchemaCheck({ properties: { n: { type: 'integer' } } }, 'schema.json');
  const { report } = await inspect(
    [
      { text: 'a', n: 1, licence: 'MIT' },
      { text: 'b', n: 'x' },
      { text: 'c', licence: 'CC-BY-NC-4.0' },
      { text: 'd', licence: 'my own' },
      { text: 'e' },
    ],
    { schema, licence: findLicence('CC-BY-4.0')! },
  );
  expect(report.rows).toBe(2);
  expect(report.issues.first.map(({ message }) => message)).toEqual([
    expect.stringContaining('line 2: it does not fit the schema, #/n'),
    expect.stringContaining('line 3: CC-BY-NC-4.0 forbids commercial use, which CC-BY-4.0 of the Datanet allows'),
    expect.stringContaining('line 4: its licence "my own" is not known'),
  ]);
});

it('keeps the first hundred of a thousand issues', async () => {
  const { report } = await inspect(['{"text":"a"}', '{"text":"b"}', ...Array<string>(1000).fill('{')]);
  expect([report.rows, report.issues.count, report.issues.first.length]).toEqual([2, 1000, 100]);
});

it('searches every published field for private data', async () => {
  const { report } = await inspect([
    {
      text: 'Nobody.',
      user_email: 'secret.person@firma.de',
      meta: { phones: ['+49 30 901820'] },
      call: 123456789012345,
    },
    {
      messages: [
        { role: 'user', content: 'q', name: 'jane@firm.org' },
        { role: 'assistant', content: 'a' },
      ],
    },
    { text: 'b', by: { 'jane@firm.org': 1 } },
  ]);
  expect(report.findings.first.map(({ line, kind, field }) => [line, kind, field])).toEqual([
    [1, 'e-mail', 'user_email'],
    [1, 'phone', 'meta.phones[]'],
    [2, 'e-mail', 'messages[].name'],
    [3, 'e-mail', 'by'],
  ]);
});

it('reports once, with places, a change made to many records', async () => {
  const rows = Array.from({ length: 50 }, (_, n) => ({ text: `text ${n}`, contributor: 'Jane' }));
  const { report } = await inspect([...rows, '{']);
  expect(report).toMatchObject({
    rows: 50,
    issues: { count: 51, leftOut: 1, first: [{ line: 1, times: 50 }, { line: 51 }] },
  });
  expect(report.issues.first[0]!.lines).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
});
