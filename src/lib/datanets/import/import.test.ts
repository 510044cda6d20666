// Files of every kind become rows; faults are reported with their place.

import { describe, expect, it, test } from 'vitest';
import { rawCidOf } from '#lib/formats/block/block.ts';
import { digester } from '#tests/support/datanets.ts';
import { docxBytes, memoryFile, paragraph, parquetBytes, pdfBytes, PNG } from '#tests/support/import-files.ts';
import { StorageFullError } from '#lib/ipfs/errors.ts';
import { gatherImport } from './gather-import.ts';
import { imported } from '#tests/support/imported.ts';
import { importRows } from './import-rows.ts';
import { readImageInfo } from '#lib/formats/datanet/picture-head.ts';

const chat = (user: string, assistant: string, more: object = {}) => ({
  ...more,
  messages: [
    { role: 'user', content: user },
    { role: 'assistant', content: assistant },
  ],
});

describe('a bad record is reported with its line, and the others are read', () => {
  it('in JSONL', async () => {
    const file = memoryFile(
      'a.jsonl',
      '{"text":"a"}\n{"text":\n\n[1]\n{"text":"b","text":"c"}\n{"text":" "}\n{"title":"x"}\n{"text":"d"}\n',
    );
    expect(await imported(file)).toEqual({
      rows: [{ text: 'a' }, { text: 'd' }],
      lines: [1, 8],
      issues: [
        expect.stringMatching(/^a.jsonl line 2: not valid JSON/),
        'a.jsonl line 4: this is not a JSON object.',
        'a.jsonl line 5: field "text" is there twice.',
        'a.jsonl line 6: field "text" is empty.',
        'a.jsonl line 7: the record is of unknown shape; it has the fields title.',
      ],
    });
  });

  it('in JSON', async () => {
    const file = memoryFile('a.json', '[\n{"text":"a [{\\"\\\\"},\n  5,\n {"text": "b,]"}\n ]\n', 3);
    expect(await imported(file)).toEqual({
      rows: [{ text: 'a [{"\\' }, { text: 'b,]' }],
      lines: [2, 4],
      issues: ['a.json line 3 (record 2): this is not a JSON object.'],
    });
  });

  it('in CSV', async () => {
    const source = 'prompt,completion\r\n"a, ""b""\r\nc",d\r\none\r\n\r\ne,f\r\nj,k\r\n"g"h,i';
    expect(await imported(memoryFile('a.csv', source, 5))).toEqual({
      rows: [chat('a, "b"\r\nc', 'd'), chat('e', 'f'), chat('j', 'k')],
      lines: [2, 6, 7],
      issues: [
        'a.csv line 4: it has 1 field(s), the first line names 2.',
        expect.stringMatching(/^a.csv line 8: .*quote/i),
      ],
    });
  });

  it('in a PDF', async () => {
    const { rows, issues } = await imported(memoryFile('a.pdf', pdfBytes(['First page.', '', 'Third.'])));
    expect(rows).toEqual([
      { text: 'First page.', page: 1 },
      { text: 'Third.', page: 3 },
    ]);
    expect(issues).toEqual(['a.pdf page 2: it holds no text.']);
  });
});

describe('kinds of files', () => {
  it('JSON: an object, or the only list in it', async () => {
    expect((await imported(memoryFile('a.json', '{"text":"a"}'))).rows).toEqual([{ text: 'a' }]);
    expect(
      (await imported(memoryFile('a.json', '{"version":1,"data":[{"text":"a"},{"text":"b"}]}'))).rows,
    ).toHaveLength(2);
    await expect(imported(memoryFile('a.json', '\uFEFF \n[ ]'))).rejects.toThrow('it holds no record');
  });

  it('TSV, semicolons, old line ends, a byte order mark', async () => {
    expect((await imported(memoryFile('a.tsv', '\uFEFFtext\tn\na,b\t1\n'))).rows).toEqual([{ text: 'a,b', n: '1' }]);
    expect((await imported(memoryFile('a.csv', 'text;n\na,b;1\nc;2'))).rows).toEqual([
      { text: 'a,b', n: '1' },
      { text: 'c', n: '2' },
    ]);
    expect((await imported(memoryFile('a.csv', 'text,n\ra,1\rb,2'))).rows).toHaveLength(2);
  });

  it('CSV in many chunks gives the same rows as in one', async () => {
    const rows = Array.from({ length: 3000 }, (_, n) => ({
      prompt: `a "${n}",\n${'x'.repeat(n % 50)}`,
      completion: `c${n}`,
    }));
    const source = `prompt,completion\n${rows.map((row) => `"${row.prompt.replaceAll('"', '""')}",${row.completion}`).join('\n')}`;
    const expected = rows.map(({ prompt, completion }) => chat(prompt, completion));
    const many = await imported(memoryFile('a.csv', source, 977));
    expect(many.rows).toEqual(expected);
    expect([many.lines[0], many.lines[1], many.lines[2999]]).toEqual([2, 4, 6000]);
  });

  it('text: passages of paragraphs', async () => {
    const long = 'word '.repeat(300).trim();
    const { rows, lines } = await imported(
      memoryFile('a.txt', `One.\nStill one.\n\nTwo.\n\n${long}\n\n${long}\n\nLast.\n`),
    );
    expect(rows).toEqual([{ text: `One.\nStill one.\n\nTwo.\n\n${long}\n\n${long}` }, { text: 'Last.' }]);
    expect(lines).toEqual([1, 10]);
    const flat = await imported(memoryFile('b.txt', `${'word '.repeat(20)}\n`.repeat(1000)));
    expect(flat.rows.every((row) => JSON.stringify(row).length < 10_000)).toBe(true);
  });

  it('a picture as an attachment, if it can be stored', async () => {
    const attach = async (bytes: Uint8Array) => rawCidOf(digester.sha256(bytes));
    const { rows } = await imported(memoryFile('pixel.png', PNG), { attach });
    const cid = (await attach(PNG)).toString();
    expect(rows).toEqual([
      {
        text: '',
        attachments: [{ cid, name: 'pixel.png', bytes: PNG.length, mediaType: 'image/png', width: 1, height: 1 }],
      },
    ]);
    await expect(imported(memoryFile('pixel.png', PNG))).rejects.toThrow('pictures cannot be stored here');
  });

  it('several pictures: a faulty picture is reported, a storage failure stops the import', async () => {
    const files = [memoryFile('a.png', PNG), memoryFile('half.png', PNG.subarray(0, 18)), memoryFile('b.png', PNG)];
    const set = await gatherImport(files);
    expect(set).toMatchObject({ name: '3 pictures', size: 2 * PNG.length + 18 });
    const attach = async (bytes: Uint8Array) => rawCidOf(digester.sha256(bytes));
    const found: [number, number][] = [];
    for await (const { rows, issues } of importRows(set, { attach })) found.push([rows.length, issues.length]);
    expect(found).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    const full = importRows(set, { attach: () => Promise.reject(new StorageFullError()) });
    await expect(full.next()).rejects.toBeInstanceOf(StorageFullError);
    const stopped = importRows(set, { attach, signal: AbortSignal.abort() });
    await expect(stopped.next()).rejects.toThrow();
    await expect(gatherImport([files[0]!, memoryFile('x.csv', 'a,b')])).rejects.toThrow('x.csv: it is not a picture');
    await expect(gatherImport([])).rejects.toThrow('there is no file');
  });

  test.each<[string, number[]]>([
    ['image/gif', [0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 3, 0, 2, 0]],
    ['image/jpeg', [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8, 0, 2, 0, 3, 1, 1, 0x11, 0]],
    ['image/webp', [...Buffer.from('RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0'), 2, 0, 0, 1, 0, 0]],
    ['image/webp', [...Buffer.from('RIFF\0\0\0\0WEBPVP8L\n\0\0\0\x2f'), 0x02, 0x40, 0, 0]],
    ['image/webp', [...Buffer.from('RIFF\0\0\0\0WEBPVP8 \n\0\0\0\0\0\0\x9d\x01\x2a', 'latin1'), 3, 0, 2, 0]],
  ])('the size of %s is read from its header', (mediaType, bytes) => {
    expect(readImageInfo(Uint8Array.from(bytes), 'x')).toEqual({ mediaType, width: 3, height: 2 });
  });
});

describe('a file that cannot be read says why', () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    ['a.jsonl', '', /a.jsonl: it is empty/],
    ['a.jsonl', '\n\n', /it holds no record/],
    ['a.jsonl', 'hello\nworld', /no record can be read; the first: a.jsonl line 1: not valid JSON/],
    ['a.jsonl', Uint8Array.of(0x7b, 0xff, 0x7d), /line 1: the text is not valid UTF-8/],
    ['a.jsonl', Buffer.from('{"text":"a"}', 'utf16le'), /of a kind that is not read/],
    ['a.jsonl', Uint8Array.of(0xff, 0xfe, 0x7b, 0x00), /it ends within the object/],
    ['a.json', '[{"text":"a"}', /the list ends within record 1/],
    ['a.json', '[{"text":"a"}] x', /line 1: something stands after the end/],
    ['a.json', '[{"text":"a"},,{}]', /record 2 is empty/],
    ['a.json', '[1}', /closes that was never opened/],
    ['a.json', 'text', /begins with neither a list nor an object/],
    ['a.json', '{"a":1', /it ends within the object that begins in line 1/],
    ['a.csv', 'a,a\n1,2', /two columns are called "a"/],
    ['a.csv', `${'a,'.repeat(2000)}b\n`, /2001 columns, at most 1024/],
    ['a.csv', `text\n"${'x'.repeat(9 << 20)}`, /line 2: a field does not end within/],
    ['a.txt', 'x'.repeat(9 << 20), /line 1: the line is longer/],
    ['a.docx', 'PK', /it is not a docx file/],
    ['a.docx', docxBytes('<w:p>'), /not a valid Word document/],
    ['a.docx', docxBytes(paragraph('&bomb;')), /not a valid Word document/],
    ['a.docx', docxBytes('').subarray(0, 150), /not a valid Word document|no Word document/],
    ['a.docx', docxBytes('<w:p><w:r><w:t>'.repeat(10)), /not a valid Word document/],
    ['a.docx', docxBytes(''), /it holds no record/],
    ['a.pdf', '%PDF-1.4 nothing', /not a valid PDF/],
    ['a.parquet', 'PAR1', /not a valid Parquet file/],
    ['a.parquet', parquetBytes({ text: ['a'] }).subarray(0, -1), /not a valid Parquet file/],
    ['a.png', 'x', /it is not a picture file/],
    ['a.png', PNG.subarray(0, 18), /not a valid PNG/],
    ['a.bin', Uint8Array.of(1, 0, 2), /of a kind that is not read/],
  ])('%s %#', async (name, content, message) => {
    await expect(imported(memoryFile(name, content))).rejects.toThrow(message);
  });

  it('a Word document that unpacks without end', async () => {
    const file = memoryFile('bomb.docx', docxBytes(paragraph('a'.repeat(17 << 20))));
    expect(file.size).toBeLessThan(1 << 20);
    await expect(imported(file)).rejects.toThrow('longer than');
  });

  it('stops on abort', async () => {
    for (const file of [
      memoryFile('a.jsonl', '{"text":"a"}\n'.repeat(9000)),
      memoryFile('a.docx', docxBytes(paragraph('a'))),
      memoryFile('a.parquet', parquetBytes({ text: ['a'] })),
    ]) {
      await expect(imported(file, { signal: AbortSignal.abort() })).rejects.toThrow();
    }
  });
});
