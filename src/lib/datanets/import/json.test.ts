// JSON in all forms that files have: detected by content, exact in its numbers, compressed or not.

import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import { imported, jsonl } from '#tests/support/imported.ts';
import { memoryFile, PNG } from '#tests/support/import-files.ts';
import { keepNumbers } from '#lib/dataset/records/exact-json.ts';
import type { ImportFile } from './import-file.ts';

const read = (name: string, content: string | Uint8Array) => imported(memoryFile(name, content));
const texts = async (name: string, content: string) =>
  (await read(name, content)).rows.map((row) => (row as { text: string }).text);

describe('lists, lines and objects are distinguished by content', () => {
  const long = 'word '.repeat(2000);
  test.each([
    ['lines called .json', 'a.json', `{"text":"${long}"}\n{"text":"b"}\n`, [long, 'b']],
    ['lines of a name that says nothing', 'a', '{"text":"a"}\n{"text":"b"}', ['a', 'b']],
    ['a list called .jsonl', 'a.jsonl', '[{"text":"a"}, {"text":"b"}]\n', ['a', 'b']],
    ['a list over lines, called .jsonl', 'a.jsonl', '[\n{"text":"a"},\n{"text":"b"}\n]', ['a', 'b']],
    ['lists in lines', 'a.jsonl', '[{"text":"a"},{"text":"b"}]\n[{"text":"c"}]\n', ['a', 'b', 'c']],
    ['objects over lines', 'a.json', '{\n "text": "a"\n}\n{\n "text": "b"\n}\n', ['a', 'b']],
    ['objects over lines, called .jsonl', 'a.jsonl', '{\n "text": "a"\n}\n{\n "text": "b"\n}\n', ['a', 'b']],
    ['objects in one line', 'a.jsonl', '{"text":"a"}{"text":"b"}\n{"text":"c"},\n', ['a', 'b', 'c']],
    ['lines that end with CR', 'a.jsonl', '{"text":"a"}\r{"text":"b"}\r', ['a', 'b']],
    ['one object', 'a.json', '{"text":"a"}', ['a']],
    ['its only list', 'a.json', '{"data":[{"text":"a"},{"text":"b"}]}', ['a', 'b']],
  ])('%s', async (_, name, content, expected) => {
    expect(await texts(name, content)).toEqual(expected);
  });

  it('an object that is a record is not read as a list of records', async () => {
    const record = { instruction: 'a', output: 'b', sources: [{ content: 'c' }, { content: 'd' }] };
    expect((await read('a.json', JSON.stringify(record))).rows).toEqual([
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
        sources: record.sources,
      },
    ]);
  });

  it('fields beside the list are reported, and splits are recognised', async () => {
    expect((await read('a.json', '{"version":"1.1","data":[{"text":"a"}]}')).issues).toEqual([
      'a.json: field "version" stands beside the list "data" and is left out.',
    ]);
    expect((await read('a.json', '{"train":[{"text":"a"}],"test":[{"text":"b"}]}')).rows).toEqual([
      { text: 'a', split: 'train' },
      { text: 'b', split: 'test' },
    ]);
  });

  it('an invalid line is reported', async () => {
    const { rows, issues } = await read('a.jsonl', '{"text":"a"}\n// note\n{"text":"b"}\n');
    expect(rows).toHaveLength(2);
    expect(issues).toEqual([expect.stringMatching(/^a.jsonl line 2: not valid JSON/)]);
  });
});

describe('numbers', () => {
  it('with more digits than a row keeps become texts, NaN and Infinity null, and both are reported', async () => {
    const source = [
      '{"id":1294030472427835393,"text":"a","user":{"id":[1152921504606846976,5]}}',
      '{"text":"b 1294030472427835393","n":NaN,"m":[-Infinity],"x":0.1234567890123456789,"y":1e400}',
      '{"text":"c","n":9007199254740992,"x":0.10000000000000001,"y":1e21,"z":-0.0}',
    ].join('\n');
    const { rows, issues } = await read('a.jsonl', source);
    expect(rows).toEqual([
      { id: '1294030472427835393', text: 'a', user: { id: ['1152921504606846976', '5'] } },
      { text: 'b 1294030472427835393', n: null, m: [null], x: '0.1234567890123456789', y: '1e400' },
      { text: 'c', n: 9007199254740992, x: '0.1', y: '1e+21', z: -0 },
    ]);
    expect(issues).toEqual([
      expect.stringMatching(/line 1: field "id" holds numbers with more digits .*\(1294030472427835393\)/),
      expect.stringMatching(/line 1: field "user.id\[\]" holds numbers/),
      'a.jsonl line 2: field "n" is NaN, which a row cannot hold; it becomes null.',
      'a.jsonl line 2: field "m[]" is -Infinity, which a row cannot hold; it becomes null.',
      expect.stringMatching(/line 2: field "x" holds numbers/),
      expect.stringMatching(/line 2: field "y" holds numbers/),
    ]);
  });

  it('of one field have one type, wherever the long number is', async () => {
    const small = Array.from({ length: 200 }, (_, n) => ({ text: `t${n}`, by: [{ id: n }], n }));
    const source = `${jsonl(small)}\n{"text":"late","by":[{"id":1294030472427835393}],"n":7}\n`;
    const { rows } = await read('a.jsonl', source);
    expect(rows[3]).toEqual({ text: 't3', by: [{ id: '3' }], n: 3 });
    expect(rows[200]).toEqual({ text: 'late', by: [{ id: '1294030472427835393' }], n: 7 });
  });

  it('in texts are unchanged, and paths name the fields', () => {
    const source = '{"a\\"b":[{"c":"NaN 12345678901234567890"},{"d":12345678901234567890}],"e":{"f":NaN}}';
    const { source: kept, changed } = keepNumbers(source);
    expect(JSON.parse(kept)).toEqual({
      'a"b': [{ c: 'NaN 12345678901234567890' }, { d: '12345678901234567890' }],
      e: { f: null },
    });
    expect(changed.map(({ path }) => path)).toEqual(['a"b[].d', 'e.f']);
  });

  it.each(['{"a":NaN', '{"a":-', '{"a":1234567890123456789012', '[[[[NaN', '{"a', '"NaN', '}}}]NaN'])(
    '%s stays broken',
    (source) => {
      expect(() => JSON.parse(keepNumbers(source).source) as unknown).toThrow();
    },
  );
});

describe('compressed files', () => {
  const lines = Array.from({ length: 3000 }, (_, n) => `{"text":"row ${n} of some"}\n`).join('');
  const packings: [string, (bytes: string | Uint8Array) => Uint8Array][] = [
    ['gz', (bytes) => new Uint8Array(gzipSync(bytes))],
    ['zst', (bytes) => new Uint8Array(zstdCompressSync(bytes))],
  ];

  it.each(packings)('are decompressed: %s', async (ending, pack) => {
    const { rows, lines: at } = await read(`a.jsonl.${ending}`, pack(lines));
    expect([rows.length, at[2999], rows[2999]]).toEqual([3000, 3000, { text: 'row 2999 of some' }]);
    expect((await read(`a.csv.${ending}`, pack('text,n\na,1\n'))).rows).toEqual([{ text: 'a', n: '1' }]);
    expect((await read(`a.${ending}`, pack('[{"text":"a"}]'))).rows).toEqual([{ text: 'a' }]);
    await expect(read(`a.png.${ending}`, pack(PNG))).rejects.toThrow('a packed file of kind image');
  });

  it.each(packings)('that are concatenated are one: %s', async (_, pack) => {
    const both = Buffer.concat([pack(lines), pack('{"text":"last"}\n')]);
    expect((await read('a.jsonl', both)).rows).toHaveLength(3001);
  });

  it.each(packings)('that are damaged or end early are refused: %s', async (ending, pack) => {
    const bytes = pack(lines);
    await expect(read(`a.jsonl.${ending}`, bytes.subarray(0, bytes.length - 20))).rejects.toThrow(
      /ends early|not valid/,
    );
    await expect(read(`a.jsonl.${ending}`, bytes.subarray(0, 30))).rejects.toThrow(/ends early|not valid/);
  });

  it('a wrong gzip checksum is refused', async () => {
    const bytes = new Uint8Array(gzipSync(lines));
    bytes[bytes.length - 6]! ^= 1;
    await expect(read('a.jsonl.gz', bytes)).rejects.toThrow('its checksum is another');
  });

  it.each([
    ['bzip2', [0x42, 0x5a, 0x68, 0x39]],
    ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
    ['7-Zip', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
    ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ])('of %s are refused by name', async (name, bytes) => {
    await expect(read('a.zip', Uint8Array.from(bytes))).rejects.toThrow(`it is packed with ${name}`);
  });

  it('that are decompression bombs are refused', async () => {
    // A frame of blocks that repeat one byte, 128 KiB each; the same again and again.
    const block = [0x02, 0x00, 0x10, 0x20];
    const frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38, ...Array.from({ length: 900 }, () => block).flat()];
    const endless: ImportFile = {
      name: 'a.jsonl.zst',
      size: 1e9,
      async *stream() {
        yield Uint8Array.from(frame);
        for (;;) yield Uint8Array.from(Array.from({ length: 900 }, () => block).flat());
      },
      read: async (start, end) => Uint8Array.from(frame).slice(start, end),
    };
    await expect(imported(endless)).rejects.toThrow(/packed bytes become more than|line is longer/);
    const greedy = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, ...block, 0x03, 0x00, 0x00, 0x20]);
    await expect(read('a.jsonl.zst', greedy)).rejects.toThrow(/asks for \d+ bytes of memory/);
  });
});
