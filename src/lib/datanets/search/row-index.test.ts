import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import type { ColumnFilter } from './column-values.ts';
import { createRowIndex, type RowIndex } from './row-index.ts';
import { MAX_POSTINGS_ROWS } from './postings.ts';
import { wordsOf } from './words.ts';

const index = (rows: readonly JsonObject[], columns: readonly string[] = []): RowIndex => {
  const made = createRowIndex(columns);
  for (const row of rows) made.add(row);
  return made;
};
const places = (made: RowIndex, words: string, filters: readonly ColumnFilter[] = []): number[] => [
  ...made.search({ words, filters }, 1e6).rows,
];

it('words: small letters without accents; single characters in scripts without spaces', () => {
  expect(wordsOf("It's 3.14, ÉTÉ — straße_x")).toEqual(['it', 's', '3', '14', 'ete', 'straße', 'x']);
  expect(wordsOf('水泵 valve')).toEqual(['水', '泵', 'valve']);
  expect(wordsOf('한국어 हिन्दी')).toEqual(['한국어'.normalize('NFKD'), 'हिन्दी']);
  expect(wordsOf('')).toEqual([]);
  expect(wordsOf('a'.repeat(100))).toEqual(['a'.repeat(64)]);
});

it('finds rows with all words in any field; the last may be a prefix', () => {
  const rows = index([
    { id: 'a', messages: [{ role: 'user', content: 'What does the pump do?' }] },
    { id: 'b', text: 'A pumping station', tags: ['Water', 7] },
    { id: 'c', text: 'nothing of it' },
  ]);
  expect(places(rows, 'pump')).toEqual([0, 1]);
  expect(places(rows, 'pump ')).toEqual([0]);
  expect(places(rows, 'WATER pump')).toEqual([1]);
  expect(places(rows, 'pump water')).toEqual([]);
  expect(places(rows, 'pumping wat')).toEqual([1]);
  expect(places(rows, '7')).toEqual([1]);
  expect(places(rows, 'text')).toEqual([]);
  expect(places(rows, '')).toEqual([0, 1, 2]);
  expect(places(rows, '?!')).toEqual([0, 1, 2]);
});

it('sealed values are not indexed', () => {
  const box = 'A'.repeat(40);
  const rows = index([{ id: 'x', contributor: `0x${'1'.repeat(40)}`, sealed: { ring: 'a'.repeat(32), box } }]);
  expect(places(rows, 'x')).toEqual([0]);
  const open = index([{ id: 'x', sealed: 'openly so' }]);
  expect(places(open, 'openly')).toEqual([0]);
});

it('filters by values, ranges and emptiness, and counts them', () => {
  const rows = index(
    [
      { kind: 'pump', year: 1990, note: 'long enough' },
      { kind: 'valve', year: 2000.5, ok: true },
      { kind: 'pump', year: null },
      { year: 2010, ok: false, note: '' },
    ],
    ['kind', 'year', 'ok', 'note'],
  );
  expect(places(rows, '', [{ column: 'kind', kind: 'is', value: 'pump' }])).toEqual([0, 2]);
  expect(places(rows, '', [{ column: 'kind', kind: 'is', value: 'gear' }])).toEqual([]);
  expect(places(rows, '', [{ column: 'year', kind: 'between', from: 1990, to: 2001 }])).toEqual([0, 1]);
  expect(places(rows, '', [{ column: 'year', kind: 'empty' }])).toEqual([2]);
  expect(places(rows, '', [{ column: 'ok', kind: 'filled' }])).toEqual([1, 3]);
  expect(places(rows, '', [{ column: 'ok', kind: 'is', value: 'false' }])).toEqual([3]);
  expect(places(rows, '', [{ column: 'none', kind: 'filled' }])).toEqual([]);
  expect(places(rows, 'pump', [{ column: 'year', kind: 'filled' }])).toEqual([0]);
  const [kind, year, ok, note] = rows.columns();
  expect(kind).toMatchObject({
    filled: 3,
    values: [
      { value: 'pump', rows: 2 },
      { value: 'valve', rows: 1 },
    ],
  });
  expect(year).toMatchObject({ filled: 3, values: null, lengths: null });
  expect(year!.numbers!.map((bin) => bin.rows)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
  expect(year!.numbers!.at(-1)!.to).toBe(2010);
  expect(ok!.values).toHaveLength(2);
  expect(note!.lengths).toEqual([
    { from: 0, to: 1, rows: 1 },
    { from: 1, to: 2, rows: 0 },
    { from: 2, to: 4, rows: 0 },
    { from: 4, to: 8, rows: 0 },
    { from: 8, to: 16, rows: 1 },
  ]);
});

it('too many distinct values give no filter; the largest numbers have a range', () => {
  const rows = index(
    Array.from({ length: 300 }, (_, n) => ({ name: `n${n}`, big: n % 2 ? Number.MAX_VALUE : -Number.MAX_VALUE })),
    ['name', 'big'],
  );
  const [name, big] = rows.columns();
  expect(name!.values).toBeNull();
  expect(big!.numbers!.reduce((sum, bin) => sum + bin.rows, 0)).toBe(300);
  expect(big!.numbers!.every(({ from, to }) => Number.isFinite(from) && Number.isFinite(to))).toBe(true);
  expect(places(rows, '', [{ column: 'name', kind: 'is', value: 'n1' }])).toEqual([]);
});

it('finds the same rows as a full scan, before and after more are added', () => {
  const word = fc.constantFrom('a', 'ab', 'abc', 'b', 'ba', 'ж', '水');
  const row = fc.record({
    text: fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
    n: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 40 }),
      fc.array(row, { maxLength: 10 }),
      fc.array(word, { maxLength: 3 }),
      fc.boolean(),
      (first, more, wanted, isEnded) => {
        const made = index(first, ['n']);
        const words = wanted.join(' ') + (isEnded ? ' ' : '');
        const filters: ColumnFilter[] = [{ column: 'n', kind: 'between', from: 1, to: 2 }];
        const read = (rows: typeof first) =>
          rows.flatMap(({ text, n }, at) => {
            const here = text.split(' ');
            const hasAll = wanted.every((one, k) =>
              here.some((other) => other === one || (!isEnded && k === wanted.length - 1 && other.startsWith(one))),
            );
            return hasAll && n >= 1 && n <= 2 ? [at] : [];
          });
        expect(places(made, words, filters)).toEqual(read(first));
        for (const one of more) made.add(one);
        expect(places(made, words, filters)).toEqual(read([...first, ...more]));
      },
    ),
  );
});

it('works across the boundaries of its parts', () => {
  const made = createRowIndex([]);
  for (let n = 0; n < MAX_POSTINGS_ROWS + 5; n++) made.add({ text: n % MAX_POSTINGS_ROWS === 1 ? 'rare' : 'common' });
  expect(places(made, 'rare ')).toEqual([1, MAX_POSTINGS_ROWS + 1]);
  expect(made.search({ words: 'common', filters: [] }, 3)).toEqual({
    total: MAX_POSTINGS_ROWS + 3,
    rows: Uint32Array.of(0, 2, 3),
  });
});
