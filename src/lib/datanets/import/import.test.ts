// Files of every kind become rows; what is wrong with them is said with its place; shapes are recognised and can be changed.

import { describe, expect, it, test } from 'vitest';
import { rawCidOf } from '#lib/core/format/block.ts';
import { digester } from '../../../../tests/support/datanets.ts';
import {
  docxBytes,
  memoryFile,
  paragraph,
  parquetBytes,
  pdfBytes,
  PNG,
} from '../../../../tests/support/import-files.ts';
import { StorageFullError } from '#lib/ipfs/errors.ts';
import { gatherImport } from './gather-import.ts';
import { importRows, previewImport, type ImportOptions } from './import-rows.ts';
import { readImageInfo } from '#lib/core/format/picture-head.ts';
import type { ImportFile, ImportIssue } from './import-file.ts';

async function imported(file: ImportFile, options: ImportOptions = {}) {
  const rows: object[] = [];
  const lines: number[] = [];
  const issues: ImportIssue[] = [];
  let bytes = 0;
  for await (const batch of importRows(file, options)) {
    rows.push(...batch.rows.map(({ row }) => row.value));
    lines.push(...batch.rows.map(({ line }) => line));
    issues.push(...batch.issues);
    expect(batch.bytes).toBeGreaterThanOrEqual(bytes);
    bytes = batch.bytes;
  }
  return { rows, lines, issues: issues.map(({ message }) => message) };
}

const text = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const chat = (user: string, assistant: string, more: object = {}) => ({
  ...more,
  messages: [
    { role: 'user', content: user },
    { role: 'assistant', content: assistant },
  ],
});

describe('shapes', () => {
  test.each<[string, object, object]>([
    [
      'chat',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
        id: 1,
      },
      chat('a', 'b', { id: 1 }),
    ],
    [
      'chat',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'c' },
            ],
          },
          { role: 'Assistant', content: 'b' },
        ],
      },
      chat('a\nc', 'b'),
    ],
    [
      'sharegpt',
      {
        conversations: [
          { from: 'human', value: 'a' },
          { from: 'gpt', value: 'b' },
        ],
        system: 'Be kind.',
        source: 'x',
      },
      { source: 'x', messages: [{ role: 'system', content: 'Be kind.' }, ...chat('a', 'b').messages] },
    ],
    ['alpaca', { instruction: 'a', input: '', output: 'b' }, chat('a', 'b')],
    ['alpaca', { instruction: 'a', input: 'c', output: 'b', topic: 't' }, chat('a\n\nc', 'b', { topic: 't' })],
    ['prompt-completion', { prompt: 'a', completion: 'b' }, chat('a', 'b')],
    ['prompt-completion', { question: 'a', answer: 'b' }, chat('a', 'b')],
    ['text', { text: 'a', title: 't' }, { text: 'a', title: 't' }],
    ['text', { content: 'a' }, { text: 'a' }],
  ])('%s: %j', async (name, record, row) => {
    const file = memoryFile('a.jsonl', text([record, record]));
    expect((await previewImport(file)).shape.name).toBe(name);
    expect((await imported(file)).rows).toEqual([row, row]);
  });

  it('of nothing known ask for a mapping, and take one', async () => {
    const file = memoryFile('a.jsonl', text([{ ask: 'a', reply: 'b', note: 'n' }]));
    const preview = await previewImport(file);
    expect(preview).toMatchObject({
      shape: { name: 'unknown', mapping: null },
      fields: ['ask', 'reply', 'note'],
      rows: [],
    });
    await expect(imported(file)).rejects.toThrow('no known shape; they have the fields ask, reply, note');
    const mapping = { kind: 'turns', system: null, prompt: ['ask'], completion: 'reply' } as const;
    expect((await imported(file, { mapping })).rows).toEqual([chat('a', 'b', { note: 'n' })]);
    expect((await imported(file, { mapping, keep: [], add: { licence: 'MIT' } })).rows).toEqual([
      chat('a', 'b', { licence: 'MIT' }),
    ]);
    expect((await imported(file, { mapping: { kind: 'text', text: 'note' } })).rows).toEqual([
      { ask: 'a', reply: 'b', text: 'n' },
    ]);
  });

  it('roles can be mapped', async () => {
    const file = memoryFile(
      'a.jsonl',
      text([
        {
          messages: [
            { role: 'Q', content: 'a' },
            { role: 'A', content: 'b' },
          ],
        },
      ]),
    );
    expect((await imported(file)).issues).toEqual([
      'a.jsonl line 1, message 1: field "role" is "Q", which is no known role.',
    ]);
    const mapping = {
      kind: 'messages',
      list: 'messages',
      role: 'role',
      content: 'content',
      system: null,
      roles: { q: 'user', a: 'assistant' },
    } as const;
    expect((await imported(file, { mapping })).rows).toEqual([chat('a', 'b')]);
  });

  it('show the first five rows, and the first issues', async () => {
    const file = memoryFile(
      'a.jsonl',
      `{"text":"0"}\nno\n${text(Array.from({ length: 500 }, (_, n) => ({ text: String(n + 1) })))}`,
    );
    const preview = await previewImport(file);
    expect(preview.rows).toEqual([0, 1, 2, 3, 4].map((n) => ({ text: String(n) })));
    expect(preview.issues).toEqual([
      expect.objectContaining({ line: 2, message: expect.stringContaining('a.jsonl line 2') as string }),
    ]);
  });
});

describe('a bad record is told with its line, and the others are read', () => {
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
        'a.jsonl line 7: field "text" is missing.',
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

  it('TSV, semicolons, old line ends, a mark at the beginning', async () => {
    expect((await imported(memoryFile('a.tsv', '\uFEFFtext\tn\na,b\t1\n'))).rows).toEqual([{ text: 'a,b', n: '1' }]);
    expect((await imported(memoryFile('a.csv', 'text;n\na,b;1\nc;2'))).rows).toEqual([
      { text: 'a,b', n: '1' },
      { text: 'c', n: '2' },
    ]);
    expect((await imported(memoryFile('a.csv', 'text,n\ra,1\rb,2'))).rows).toHaveLength(2);
  });

  it('CSV over many pieces gives what one piece gives', async () => {
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

  it('Parquet, with its types, lists and row groups', async () => {
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

  it('Parquet: bytes have no place in a row, and are told once', async () => {
    const { rows, issues } = await imported(
      memoryFile('a.parquet', parquetBytes({ text: ['a', 'b'], raw: [Uint8Array.of(255), Uint8Array.of(254)] })),
    );
    expect(rows).toEqual([{ text: 'a' }, { text: 'b' }]);
    expect(issues).toEqual([expect.stringMatching(/row 1: column "raw" holds bytes/)]);
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

  it('Markdown: headings begin passages', async () => {
    const { rows } = await imported(memoryFile('a.md', 'Before.\n# One #\nA.\n\n## Two\nB.\n# Empty\n'));
    expect(rows).toEqual([{ text: 'Before.' }, { text: 'A.', heading: 'One' }, { text: 'B.', heading: 'Two' }]);
  });

  it('Word: paragraphs, headings, tabs and breaks, and no entity of its own', async () => {
    const body = `${paragraph('Title &amp; co', 'Heading1')}${paragraph('# no heading')}<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>`;
    const { rows } = await imported(memoryFile('a.docx', docxBytes(body)));
    expect(rows).toEqual([{ text: ' # no heading\n\na\tb\nc', heading: 'Title & co' }]);
  });

  it('a picture as an attachment, when there is a place to keep it', async () => {
    const attach = async (bytes: Uint8Array) => rawCidOf(digester.sha256(bytes));
    const { rows } = await imported(memoryFile('pixel.png', PNG), { attach });
    const cid = (await attach(PNG)).toString();
    expect(rows).toEqual([
      {
        text: '',
        attachments: [{ cid, name: 'pixel.png', bytes: PNG.length, mediaType: 'image/png', width: 1, height: 1 }],
      },
    ]);
    await expect(imported(memoryFile('pixel.png', PNG))).rejects.toThrow('no place to keep it');
  });

  it('several pictures: what is wrong with one is told, what is wrong with the place to keep them ends it', async () => {
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
    await expect(gatherImport([files[0]!, memoryFile('x.csv', 'a,b')])).rejects.toThrow('x.csv: it is no picture');
    await expect(gatherImport([])).rejects.toThrow('there is no file');
  });

  test.each<[string, number[]]>([
    ['image/gif', [0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 3, 0, 2, 0]],
    ['image/jpeg', [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8, 0, 2, 0, 3, 1, 1, 0x11, 0]],
    ['image/webp', [...Buffer.from('RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0'), 2, 0, 0, 1, 0, 0]],
    ['image/webp', [...Buffer.from('RIFF\0\0\0\0WEBPVP8L\n\0\0\0\x2f'), 0x02, 0x40, 0, 0]],
    ['image/webp', [...Buffer.from('RIFF\0\0\0\0WEBPVP8 \n\0\0\0\0\0\0\x9d\x01\x2a', 'latin1'), 3, 0, 2, 0]],
  ])('%s has its size in its head', (mediaType, bytes) => {
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
    ['a.jsonl', Uint8Array.of(0xff, 0xfe, 0x7b, 0x00), /it is UTF-16/],
    ['a.json', '[{"text":"a"}', /the list ends within record 1/],
    ['a.json', '[{"text":"a"}] x', /line 1: something stands after the end/],
    ['a.json', '[{"text":"a"},,{}]', /record 2 is empty/],
    ['a.json', '[1}', /closes that was never opened/],
    ['a.json', 'text', /begins with neither a list nor an object/],
    ['a.json', '{"a":1', /not valid JSON/],
    ['a.csv', 'a,a\n1,2', /two columns are called "a"/],
    ['a.csv', `${'a,'.repeat(2000)}b\n`, /2001 columns, at most 1024/],
    ['a.csv', `text\n"${'x'.repeat(9 << 20)}`, /line 2: a field does not end within/],
    ['a.txt', 'x'.repeat(9 << 20), /line 1: the line is longer/],
    ['a.docx', 'PK', /it is no docx file/],
    ['a.docx', docxBytes('<w:p>'), /no sound Word document/],
    ['a.docx', docxBytes(paragraph('&bomb;')), /no sound Word document/],
    ['a.docx', docxBytes('').subarray(0, 150), /no sound Word document|no Word document/],
    ['a.docx', docxBytes('<w:p><w:r><w:t>'.repeat(10)), /no sound Word document/],
    ['a.docx', docxBytes(''), /it holds no record/],
    ['a.pdf', '%PDF-1.4 nothing', /no sound PDF/],
    ['a.parquet', 'PAR1', /no sound Parquet file/],
    ['a.parquet', parquetBytes({ text: ['a'] }).subarray(0, -1), /no sound Parquet file/],
    ['a.png', 'x', /it is no picture file/],
    ['a.png', PNG.subarray(0, 18), /no sound PNG/],
    ['a.bin', Uint8Array.of(1, 0, 2), /of a kind that is not read/],
  ])('%s %#', async (name, content, message) => {
    await expect(imported(memoryFile(name, content))).rejects.toThrow(message);
  });

  it('a Word document that unpacks without end', async () => {
    const file = memoryFile('bomb.docx', docxBytes(paragraph('a'.repeat(17 << 20))));
    expect(file.size).toBeLessThan(1 << 20);
    await expect(imported(file)).rejects.toThrow('longer than');
  });

  it('stops when asked to', async () => {
    for (const file of [
      memoryFile('a.jsonl', '{"text":"a"}\n'.repeat(9000)),
      memoryFile('a.docx', docxBytes(paragraph('a'))),
      memoryFile('a.parquet', parquetBytes({ text: ['a'] })),
    ]) {
      await expect(imported(file, { signal: AbortSignal.abort() })).rejects.toThrow();
    }
  });
});
