// PDFs: columns are read one after the other, tables row by row, and bytes before the header are skipped.

import { expect, it } from 'vitest';
import { imported } from '#tests/support/imported.ts';
import { memoryFile, pdfBytes, type PlacedLine } from '#tests/support/import-files.ts';

const read = async (lines: readonly PlacedLine[]) => (await imported(memoryFile('a.pdf', pdfBytes([lines])))).rows;
const left = ['The first column begins', 'here and goes on with', 'more words until it is', 'at its end.'];
const right = ['The second one stands', 'beside it and is read', 'after it, not between', 'its lines.'];
const at = (x: number, y: number, text: string): PlacedLine => ({ x, y, text });

it('columns that were drawn line by line are read one after the other', async () => {
  const both = left.flatMap((text, n) => [at(20, 300 - 15 * n, text), at(300, 300 - 15 * n, right[n]!)]);
  const title = at(20, 340, 'A title that stands above both of the columns of this page');
  const foot = at(20, 200, 'What is below them both goes on over the whole width of it');
  expect(await read([title, ...both, foot])).toEqual([
    { page: 1, text: [title.text, ...left, ...right, foot.text].join('\n') },
  ]);
});

it('columns that were drawn one after the other keep their order', async () => {
  const placed = [
    ...left.map((text, n) => at(20, 300 - 15 * n, text)),
    ...right.map((text, n) => at(300, 300 - 15 * n, text)),
  ];
  expect(await read(placed)).toEqual([{ page: 1, text: [...left, ...right].join('\n') }]);
});

it('three columns, too', async () => {
  const third = right.map((text) => text.toUpperCase());
  const placed = left.flatMap((text, n) => [
    at(10, 300 - 15 * n, text),
    at(190, 300 - 15 * n, right[n]!),
    at(370, 300 - 15 * n, third[n]!),
  ]);
  expect(await read(placed)).toEqual([{ page: 1, text: [...left, ...right, ...third].join('\n') }]);
});

it('a table is read row by row', async () => {
  const cells = [
    ['City', 'Rain'],
    ['Bergen', '2250'],
    ['Oslo', '763'],
    ['Lund', '666'],
  ];
  const placed = cells.flatMap(([a, b], n) => [at(20, 300 - 15 * n, a!), at(300, 300 - 15 * n, b!)]);
  const [row] = (await read(placed)) as [{ text: string }];
  expect(row.text.split('\n').map((line) => line.split(/\s+/))).toEqual(cells);
});

it('bytes before the header are skipped', async () => {
  const bytes = new Uint8Array([...new TextEncoder().encode('%!PS junk\n\0\0'), ...pdfBytes(['Text.'])]);
  expect((await imported(memoryFile('a.pdf', bytes))).rows).toEqual([{ text: 'Text.', page: 1 }]);
});
