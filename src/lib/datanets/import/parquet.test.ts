// Parquet as Arrow writes it: every value is exact, or reported with its column and row. The fixtures were written by pyarrow 25.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readArrowFields } from './arrow-durations.ts';
import { imported } from '#tests/support/imported.ts';
import { memoryFile, parquetBytes } from '#tests/support/import-files.ts';

const fixture = (name: string) =>
  imported(
    memoryFile(
      name,
      new Uint8Array(readFileSync(new URL(`../../../../tests/fixtures/import/${name}`, import.meta.url))),
    ),
  );

describe('values of Arrow', async () => {
  const { rows, issues } = await fixture('types.parquet');

  it('keep their digits, units and columns', () => {
    expect(rows).toEqual([
      {
        text: 'one',
        price: '12345678901234567890.123456789012345678',
        cost: 1.1,
        ns: '2023-11-14T22:13:20.123456789',
        us: '2023-11-14T22:13:20.123456Z',
        day: '2024-02-29',
        clock: '01:02:03.456789',
        big: '1234567890123456789',
        unsigned: '18446744073709551615',
        small: 1,
        image: { path: 'a.png' },
        score: null,
        half: 1.5,
        people: [{ id: '1152921504606846977', at: '2024-01-02T03:04:05.000' }],
        scores: { k: '0.1' },
      },
      {
        text: 'two',
        price: '-0.000000000000000001',
        cost: -2.05,
        ns: '1969-12-31T23:59:59.999999999',
        us: '1970-01-01T00:00:00.000001Z',
        day: '1899-12-31',
        clock: '23:59:59.000000',
        big: '7',
        unsigned: '1',
        small: 2,
        image: { path: 'b.png' },
        score: null,
        half: 2.25,
        people: [],
        scores: {},
      },
      {
        text: 'three',
        price: null,
        cost: 3,
        ns: null,
        us: '1969-12-31T23:59:59.999999Z',
        day: null,
        clock: null,
        big: '-5',
        unsigned: '2',
        small: 3,
        image: null,
        score: 0.5,
        half: null,
        people: null,
        scores: null,
      },
    ]);
  });

  it('that a row cannot hold are reported with their place', () => {
    expect(issues.filter((issue) => !/kept as texts/.test(issue))).toEqual([
      'types.parquet row 1: column "image.bytes" holds bytes, which a row cannot hold; they are left out (5 bytes).',
      'types.parquet row 1: column "hash" holds bytes, which a row cannot hold; they are left out (2 bytes).',
      'types.parquet row 1: column "score" is NaN, which a row cannot hold; it becomes null.',
      'types.parquet row 2: column "image.bytes" holds bytes, which a row cannot hold; they are left out (3 bytes).',
      'types.parquet row 2: column "hash" holds bytes, which a row cannot hold; they are left out (2 bytes).',
      'types.parquet row 2: column "score" is -Infinity, which a row cannot hold; it becomes null.',
      'types.parquet row 3: column "hash" holds bytes, which a row cannot hold; they are left out (2 bytes).',
    ]);
    const wide = new Set(issues.flatMap((issue) => /column "(.*)" holds integers/.exec(issue)?.[1] ?? []));
    expect([...wide]).toEqual(['big', 'unsigned', 'people[].id']);
  });
});

it('groups without rows are skipped, and columns without statistics are scanned', async () => {
  const { rows, lines } = await fixture('empty-group.parquet');
  expect(rows).toEqual([
    { text: 'a', n: '1' },
    { text: 'b', n: '2' },
    { text: 'c', n: '9007199254740993' },
  ]);
  expect(lines).toEqual([1, 2, 3]);
});

it('96-bit timestamps keep nanoseconds', async () => {
  expect((await fixture('int96.parquet')).rows).toEqual([{ text: 'a', at: '2023-11-14T22:13:20.123456789' }]);
});

it('types, lists and row groups', async () => {
  const n = Array.from({ length: 250 }, (_, at) => at);
  const file = memoryFile(
    'a.parquet',
    parquetBytes({
      text: n.map((at) => `row ${at}`),
      big: n.map((at) => BigInt(at)),
      when: n.map(() => new Date(0)),
      none: n.map(() => null),
      tags: n.map((at) => [`t${at}`]),
    }),
  );
  const { rows, lines } = await imported(file);
  expect(rows[249]).toEqual({
    text: 'row 249',
    big: 249,
    when: '1970-01-01T00:00:00.000Z',
    none: null,
    tags: ['t249'],
  });
  expect([rows.length, lines[249]]).toEqual([250, 250]);
});

it('bytes are text only if all of their column are', async () => {
  const columns = { text: ['a', 'b'], raw: [Uint8Array.of(255), Uint8Array.of(65)] };
  const { rows, issues } = await imported(memoryFile('a.parquet', parquetBytes(columns)));
  expect(rows).toEqual([{ text: 'a' }, { text: 'b' }]);
  expect(issues).toEqual([
    expect.stringMatching(/row 1: column "raw" holds bytes/),
    expect.stringMatching(/row 2: column "raw" holds bytes/),
  ]);
  const words = { text: ['a', 'b'], raw: [Uint8Array.of(66), Uint8Array.of(65)] };
  expect((await imported(memoryFile('a.parquet', parquetBytes(words)))).rows).toEqual([
    { text: 'a', raw: 'B' },
    { text: 'b', raw: 'A' },
  ]);
});

it('durations of Arrow have their unit', async () => {
  expect((await fixture('durations.parquet')).rows).toEqual([
    { text: 'a', ms: 'PT1.500S', s: 'PT3S', in: { ns: ['PT0.000000001S'] }, n: 1 },
    { text: 'b', ms: '-PT0.002S', s: null, in: { ns: [] }, n: 2 },
  ]);
  for (const schema of ['', 'AAAA', '!', btoa('\xff'.repeat(64)), btoa(`\xff\xff\xff\xff${'\x01'.repeat(64)}`)]) {
    expect(readArrowFields(schema)).toEqual([]);
  }
});
