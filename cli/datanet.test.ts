// `payable datanet` end to end: rows into a folder and back; each error is one line.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readCar } from '#lib/formats/block/car.ts';
import { rowOf } from '#lib/formats/datanet/datanet-row.ts';
import { verifyRowProof } from '#lib/core/row-tree.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { datanet, said } from '../tests/support/datanet-command.ts';
import { someRows } from '../tests/support/datanets.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-datanet-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const at = (name: string): string => join(scratch, name);

const write = (name: string, rows: readonly object[]): string => {
  writeFileSync(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return at(name);
};

const rows = someRows(400);
let packed: Record<string, unknown>;

beforeAll(async () => {
  write('a.jsonl', rows);
  packed = await said('pack', at('a.jsonl'), '--out', at('A'), '--licence', 'CC-BY-4.0', '--created', '1700000000');
  const edited = rows.filter(({ n }) => n !== 50).map((row) => (row.n === 10 ? { ...row, text: 'Edited.' } : row));
  write('b.jsonl', [...edited, { id: 'row-000200b', text: 'New.' }]);
});

describe('pack', () => {
  it('writes a CAR and prints its figures', async () => {
    expect(packed).toMatchObject({ rows: 400, duplicates: 0, contributors: 10, version: 1, licence: 'CC-BY-4.0' });
    expect(packed['newBytes']).toBe(packed['bytes']);
    expect(readdirSync(at('A'))).toEqual(['version.car']);
    const { roots, blocks } = await readCar([new Uint8Array(readFileSync(join(at('A'), 'version.car')))]);
    expect(roots.map(String)).toEqual([packed['manifest']]);
    let bytes = 0;
    for await (const block of blocks) bytes += block.bytes.length;
    expect(bytes).toBe(packed['bytes']);
  });

  it('follows a parent, takes its licence and counts what is new', async () => {
    const next = await said('pack', at('b.jsonl'), '--out', at('B'), '--parent', at('A'));
    expect(next).toMatchObject({ version: 2, licence: 'CC-BY-4.0', rows: 400 });
    expect(next['newBytes']).toBeLessThan(next['bytes'] as number);
    expect(await said('diff', at('A'), at('B'))).toEqual({
      added: ['row-000200b'],
      removed: ['row-000050'],
      edited: ['row-000010'],
    });
    expect(await said('verify', at('B'))).toMatchObject({ manifest: next['manifest'], rows: 400, version: 2 });
  });

  it('gives the same version for the same rows and time', async () => {
    const again = await said(
      'pack',
      at('a.jsonl'),
      '--out',
      at('A2'),
      '--licence',
      'CC-BY-4.0',
      '--created',
      '1700000000',
    );
    expect({ ...again, ms: 0 }).toEqual({ ...packed, ms: 0 });
  });

  it('replaces an earlier version in the folder', async () => {
    await said('pack', at('a.jsonl'), '--out', at('again'));
    await said('pack', at('b.jsonl'), '--out', at('again'), '--parent', at('again'));
    expect(await said('verify', at('again'))).toMatchObject({ version: 2 });
  });

  it('takes a licence that is not listed, a readme, a schema, a name and an author', async () => {
    writeFileSync(at('readme.md'), '# Hello\n');
    writeFileSync(at('schema.json'), '{"type":"object"}');
    await said(
      ...['pack', at('a.jsonl'), '--out', at('full'), '--licence', 'GPL-3.0-only', '--commercial', '--derivative'],
      ...['--readme', at('readme.md'), '--schema', at('schema.json'), '--author', `0x${'AB'.repeat(20)}`],
      ...['--datanet', `31337:0x${'cd'.repeat(20)}:5`],
    );
    expect(await said('verify', at('full'))).toMatchObject({
      licence: 'GPL-3.0-only',
      datanet: `31337:0x${'cd'.repeat(20)}:5`,
    });
  });
});

it('unpack gives the rows back, sorted and canonical', async () => {
  await said('unpack', at('A'), '--out', at('back.jsonl'));
  expect(readFileSync(at('back.jsonl'), 'utf8')).toBe(rows.map((row) => `${rowOf(row, 'row').text}\n`).join(''));
});

test.each(['0', '399', 'row-000123'])('proof of row %s', async (name) => {
  const { row, leaf, siblings, root } = await said('proof', at('A'), '--row', name);
  const text = rowOf(row as Record<string, unknown>, 'row').text;
  expect(leaf).toBe(`0x${createHash('sha256').update(text).digest('hex')}`);
  expect(root).toBe(packed['rowRoot']);
  expect(verifyRowProof(root as Hex, leaf as Hex, siblings as Hex[])).toBe(true);
});

describe('export', () => {
  it('writes Parquet that another reader reads', async () => {
    await said('export', at('A'), '--format', 'parquet', '--out', at('a.parquet'));
    const file = new Uint8Array(readFileSync(at('a.parquet')));
    const found = await parquetReadObjects({ file: file.buffer });
    expect(found).toEqual(rows);
  });

  it('writes mixed and nested values as JSON, missing ones as null', async () => {
    write('mixed.jsonl', [
      { id: 'a', x: [1, 'é'] },
      { id: 'b', x: null, y: true },
      { id: 'c', x: 'text', y: false },
    ]);
    await said('pack', at('mixed.jsonl'), '--out', at('mixed'));
    await said('export', at('mixed'), '--format', 'parquet', '--out', at('mixed.parquet'));
    const file = new Uint8Array(readFileSync(at('mixed.parquet')));
    expect(await parquetReadObjects({ file: file.buffer })).toEqual([
      { id: 'a', x: [1, 'é'], y: null },
      { id: 'b', x: null, y: true },
      { id: 'c', x: 'text', y: false },
    ]);
  });

  it('describes the rows in Croissant, with the hash of the file that unpack writes', async () => {
    await said('export', at('A'), '--format', 'croissant', '--out', at('a.json'), '--name', 'Facts');
    const found = JSON.parse(readFileSync(at('a.json'), 'utf8')) as Record<string, unknown>;
    await said('unpack', at('A'), '--out', at('rows.jsonl'));
    const sha256 = createHash('sha256')
      .update(readFileSync(at('rows.jsonl')))
      .digest('hex');
    expect(found).toMatchObject({
      conformsTo: 'http://mlcommons.org/croissant/1.1',
      name: 'Facts',
      license: 'https://creativecommons.org/licenses/by/4.0/',
      distribution: [{ sha256, contentSize: `${readFileSync(at('rows.jsonl')).length} B` }],
      recordSet: [
        {
          field: [
            { name: 'rows/contributor' },
            { name: 'rows/id' },
            { name: 'rows/n', dataType: 'sc:Float' },
            { name: 'rows/text' },
          ],
        },
      ],
    });
  });
});

describe('bad input ends in exit code 1, one line and nothing written', () => {
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(at(name), content);
    return at(name);
  };
  const packing = (content: string | Uint8Array, ...more: string[]) => [
    'pack',
    file('bad.jsonl', content),
    '--out',
    at('bad'),
    ...more,
  ];
  const car = () => readFileSync(join(at('A'), 'version.car'));
  const broken = (name: string, change: (bytes: Buffer) => Uint8Array): string => {
    mkdirSync(at(name), { recursive: true });
    writeFileSync(join(at(name), 'version.car'), change(car()));
    return at(name);
  };

  test.each<[string, () => string[], RegExp]>([
    ['no verb', () => [], /needs a verb. It takes import, pack/],
    ['an unknown verb', () => ['mix'], /There is no datanet "mix"/],
    ['no folder to write to', () => ['pack', at('a.jsonl')], /--out is missing/],
    ['no rows', () => ['pack', '--out', at('bad')], /takes 1 path\(s\), not 0/],
    ['no such file', () => ['pack', at('none.jsonl'), '--out', at('bad')], /none.jsonl: there is no such file/],
    ['a folder as rows', () => ['pack', scratch, '--out', at('bad')], /this is not a file/],
    ['an empty file', () => packing(''), /bad.jsonl: there is no row/],
    ['a line that is no JSON', () => packing('{"id":1}\n{"id":'), /bad.jsonl line 2: not valid JSON/],
    ['a line that is a list', () => packing('[1]'), /line 1: this is not a JSON object/],
    ['bytes that are no text', () => packing(Uint8Array.of(0x7b, 0xff, 0x7d)), /line 1: the text is not valid UTF-8/],
    ['a gigantic line', () => packing('x'.repeat(9 << 20)), /line 1: the line is longer/],
    ['two rows of one id', () => packing('{"id":1}\n{"id":1,"a":2}'), /lines 1 and 2: two different rows/],
    ['a parent that is none', () => packing('{}', '--parent', at('nowhere')), /nowhere: there is no such directory/],
    ['a parent without a version', () => packing('{}', '--parent', scratch), /version.car: there is no such file/],
    ['a licence that is none', () => packing('{}', '--licence', 'do what you want!'), /--licence is/],
    ['flags without a licence', () => packing('{}', '--commercial'), /Name it with --licence/],
    ['a Datanet that is none', () => packing('{}', '--datanet', '1:2:3'), /--datanet is "1:2:3"/],
    ['an author that is none', () => packing('{}', '--author', 'me'), /--author is "me"/],
    ['a time that is none', () => packing('{}', '--created', 'now'), /--created is "now"/],
    ['a schema that is no JSON', () => packing('{}', '--schema', file('s.json', '{')), /s.json: not valid JSON/],
    [
      'a folder that cannot be made',
      () => ['pack', at('a.jsonl'), '--out', join(at('a.jsonl'), 'x')],
      /the directory cannot be made/,
    ],
    ['no such version', () => ['verify', at('nowhere')], /nowhere: there is no such directory/],
    ['an empty CAR', () => ['verify', broken('empty', () => new Uint8Array(0))], /version.car: it is empty/],
    ['a CAR of noise', () => ['verify', broken('noise', () => new Uint8Array(2000).fill(0x41))], /version.car: /],
    [
      'half a CAR',
      () => ['verify', broken('half', (bytes) => bytes.subarray(0, bytes.length >> 1))],
      /ends before its \d+ bytes|is missing/,
    ],
    [
      'a CAR with a bit turned',
      () => ['verify', broken('bit', (bytes) => ((bytes[5000]! ^= 1), bytes))],
      /do not have the hash/,
    ],
    ['a row that is not there', () => ['proof', at('A'), '--row', '400'], /no row "400".*from 0 to 399/],
    ['no row', () => ['proof', at('A')], /--row is missing/],
    [
      'an output folder that is not there',
      () => ['unpack', at('A'), '--out', at('no/file')],
      /there is no such directory/,
    ],
    ['an output that is a folder', () => ['unpack', at('A'), '--out', scratch], /this is a directory/],
    ['an unknown format', () => ['export', at('A'), '--format', 'xls', '--out', at('x')], /--format is "xls"/],
    ['one version to compare', () => ['diff', at('A')], /takes 2 path\(s\), not 1/],
  ])('%s', async (_, args, message) => {
    const { code, out, lines } = await datanet(...args());
    expect(lines).toEqual([expect.stringMatching(message)]);
    expect([code, out, lines[0]?.includes('internal error'), lines[0]?.includes('\n')]).toEqual([1, '', false, false]);
    expect(existsSync(at('bad'))).toBe(false);
    expect(readdirSync(scratch).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('leaves the existing version unchanged when packing fails', async () => {
    mkdirSync(at('kept'));
    copyFileSync(join(at('A'), 'version.car'), join(at('kept'), 'version.car'));
    const { code } = await datanet('pack', file('bad.jsonl', '{}\n{'), '--out', at('kept'), '--parent', at('kept'));
    expect([code, readdirSync(at('kept'))]).toEqual([1, ['version.car']]);
    expect(await said('verify', at('kept'))).toMatchObject({ manifest: packed['manifest'] });
  });
});
