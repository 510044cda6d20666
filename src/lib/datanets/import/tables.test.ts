// CSV and TSV as other programs write them: all kinds of line ends, quotes, separators and encodings. Results equal those of
// Python's csv module, or differences are reported.

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import pythonRows from '#tests/fixtures/import/python-csv.json' with { type: 'json' };
import { imported } from '#tests/support/imported.ts';
import { memoryFile } from '#tests/support/import-files.ts';
import { importRows, previewImport, type ImportOptions } from './import-rows.ts';

const asIs: ImportOptions = { mapping: { kind: 'fields' } };
const read = (content: string | Uint8Array, options: ImportOptions = asIs, piece?: number, name = 'a.csv') =>
  imported(memoryFile(name, content, piece), options);

describe('lines end with LF, CRLF or CR, also mixed', () => {
  test.each([
    ['CRLF within quotes of an LF file', 'a,b\n"x\r\ny",1\n"z",2\n', ['x\r\ny', 'z']],
    ['an LF header over CRLF lines', 'a,b\nx,1\r\ny,2\r\n', ['x', 'y']],
    ['a CRLF header over mixed lines', 'a,b\r\nx,1\r\ny,2\nz,3\rw,4', ['x', 'y', 'z', 'w']],
    ['CR alone', 'a,b\rx,1\ry,2\r', ['x', 'y']],
    ['blank lines between', 'a,b\n\nx,1\n\r\n  \ny,2\n\n', ['x', 'y']],
  ])('%s', async (_, source, expected) => {
    for (const piece of [1, 2, 3, 100]) {
      const { rows, issues } = await read(source, asIs, piece);
      expect(rows.map((row) => (row as { a: string }).a)).toEqual(expected);
      expect(issues).toEqual([]);
    }
  });

  it('line numbers count line ends within quotes', async () => {
    const { lines } = await read('a,b\n"x\r\n\r\ny\rz\n",1\nw,2\r\nv,3', asIs, 2);
    expect(lines).toEqual([2, 7, 8]);
  });
});

describe('separators', () => {
  test.each([
    [
      'commas in quotes of a semicolon file',
      'text;note\n"a, b, c";"x, y"\n"d, e";"u, v"\n',
      { text: 'a, b, c', note: 'x, y' },
    ],
    ['decimal commas', '\uFEFFtext;price\r\n"a;b";1,5\r\nc;2,75\r\n', { text: 'a;b', price: '1,5' }],
    ["Excel's own line", 'sep=;\r\ntext;n\r\nalpha;1\r\n', { text: 'alpha', n: '1' }],
    ['tabs', 'text\tn\na, b\t1\n', { text: 'a, b', n: '1' }],
    ['bars', 'text|n\na;b|1\n', { text: 'a;b', n: '1' }],
    ['one column', 'text\n"hello, world; really"\n"a second, line"\n', { text: 'hello, world; really' }],
    ['separators too many at the end', 'text,n\na,1,\nb,2,,\n', { text: 'a', n: '1' }],
  ])('%s', async (_, source, first) => {
    const { rows, issues } = await read(source);
    expect(rows[0]).toEqual(first);
    expect(issues).toEqual([]);
  });

  it('can be named', async () => {
    expect((await read('a:b,c\n1:2,3\n', { ...asIs, delimiter: ':' })).rows).toEqual([{ a: '1', 'b,c': '2,3' }]);
    expect((await read('a,b\n1,2\n', asIs, 100, 'a.tsv')).rows).toEqual([{ 'a,b': '1,2' }]);
  });
});

describe('compared with Python’s csv module', () => {
  interface Recorded {
    delimiter: string;
    text: string;
    rows: string[][];
  }
  const recorded: Recorded[] = pythonRows;
  /** Rows of Python as records, without blank lines and extra separators at line ends. */
  const recordsOf = (rows: readonly string[][]): string[][] => {
    const [header, ...lines] = rows.filter((row) => row.length > 0);
    return lines.filter((row) => row.length > 1 || row[0]!.trim() !== '').map((row) => row.slice(0, header!.length));
  };
  const readFields = async (text: string, delimiter?: string) => {
    const rows: string[][] = [];
    let issues = 0;
    for await (const batch of importRows(memoryFile('a.csv', text, 3), { ...asIs, delimiter })) {
      rows.push(...batch.rows.map(({ row }) => Object.values(row.value) as string[]));
      issues += batch.issues.length;
    }
    return { rows, issues };
  };

  it('recorded files give equal rows, or an issue', async () => {
    let alike = 0;
    for (const { delimiter, text, rows } of recorded) {
      const expected = recordsOf(rows);
      const read = await readFields(text, delimiter).catch(() => ({ rows: [] as string[][], issues: 1 }));
      if (read.issues === 0) {
        alike++;
        expect([text, read.rows]).toEqual([text, expected]);
      } else for (const row of read.rows) expect(expected).toContainEqual(row);
    }
    expect(recorded.length).toBe(80);
    expect(alike).toBeGreaterThan(45);
  });

  it('any rows written by its rules are read back', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', 'é', '\t', ' '), maxLength: 6 });
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((columns) =>
        fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 5 }),
      );
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom(',', ';', '\t', '|'),
        fc.array(ends, { minLength: 6, maxLength: 6 }),
        async (rows, delimiter, end) => {
          const quoted = (field: string) =>
            /["\r\n]|^$/.test(field) || field.includes(delimiter) ? `"${field.replaceAll('"', '""')}"` : field;
          const header = rows[0]!.map((_, at) => `c${at}`);
          const text = [header, ...rows].map((row, at) => row.map(quoted).join(delimiter) + end[at]!).join('');
          expect(await readFields(text, delimiter)).toEqual({ rows, issues: 0 });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a faulty line is reported, and the others are read', () => {
  it('quotes', async () => {
    const source = 'id,text\n1,he said "hi" to me\n2,"she said "yes" today"\n3,fine\n4,"open\n5,next\n';
    expect(await read(source)).toEqual({
      rows: [
        { id: '1', text: 'he said "hi" to me' },
        { id: '3', text: 'fine' },
      ],
      lines: [2, 4],
      issues: [
        'a.csv line 3: a quote within field 2 is not doubled.',
        'a.csv line 5: the quote that opens field 2 never closes; all that follows is in it.',
      ],
    });
  });

  it('too few or too many fields', async () => {
    expect((await read('a,b\n1\n1,2\n1,2,3\n')).issues).toEqual([
      'a.csv line 2: it has 1 field(s), the first line names 2.',
      'a.csv line 4: it has 3 field(s), the first line names 2.',
    ]);
  });

  it('empty ids are ignored, and names in a column called contributor are kept', async () => {
    const { rows, issues } = await read('id,text,contributor\n,first,Jane\n3,second,\n', {});
    expect(rows).toEqual([
      { text: 'first', file_contributor: 'Jane' },
      { id: '3', text: 'second' },
    ]);
    expect(issues).toEqual([
      'a.csv line 2: field "contributor" is not an address; it goes along as "file_contributor".',
    ]);
  });
});

describe('encodings', () => {
  const utf16 = (text: string, isBig = false): Uint8Array => {
    const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
    return isBig ? bytes.swap16() : bytes;
  };
  it('UTF-16 is recognised by its byte order mark', async () => {
    for (const isBig of [false, true]) {
      expect((await read(utf16('text;n\nä;1\n', isBig))).rows).toEqual([{ text: 'ä', n: '1' }]);
    }
    expect((await imported(memoryFile('a.jsonl', utf16('{"text":"ä"}\n')))).rows).toEqual([{ text: 'ä' }]);
  });

  it('other encodings must be named', async () => {
    const bytes = Buffer.from('text,n\nM\u00fcnchen,1\n', 'latin1');
    await expect(read(bytes)).rejects.toThrow('not valid UTF-8');
    expect((await read(bytes, { ...asIs, encoding: 'windows-1252' })).rows).toEqual([{ text: 'München', n: '1' }]);
    await expect(read(bytes, { ...asIs, encoding: 'klingon' })).rejects.toThrow('there is no encoding "klingon"');
    await expect(read(Uint8Array.of(0x81, 0xff), { ...asIs, encoding: 'shift_jis' })).rejects.toThrow(
      'not valid shift_jis',
    );
  });
});

describe('numbers', () => {
  const source = 'text,label,price,zip,none\na,1,1.5,00501,\nb,-2,2e3,10001,\n';

  it('are offered for columns of numbers only, and read on request', async () => {
    expect((await previewImport(memoryFile('a.csv', source))).numeric).toEqual(['label', 'price']);
    expect((await read(source, { numbers: ['label', 'price', 'none'] })).rows).toEqual([
      { text: 'a', label: 1, price: 1.5, zip: '00501', none: null },
      { text: 'b', label: -2, price: 2000, zip: '10001', none: null },
    ]);
    expect((await read('text,n\na,1\nb,x\nc,12345678901234567890\n', { numbers: ['n'] })).issues).toEqual([
      'a.csv line 3: field "n" is "x", which is not a number.',
      'a.csv line 4: field "n" is "12345678901234567890", which is not a number.',
    ]);
  });
});
