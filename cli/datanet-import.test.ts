// `payable datanet import` end to end: files and pictures into rows; each error is one line.

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBlockstore } from 'blockstore-core';
import { exporter } from 'ipfs-unixfs-exporter';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { parseCid } from '#lib/formats/block/block.ts';
import { readCar } from '#lib/formats/block/car.ts';
import { walkDag } from '#lib/ipfs/walk.ts';
import { datanet, said } from '../tests/support/datanet-command.ts';
import { someRows } from '../tests/support/datanets.ts';
import { PNG } from '../tests/support/import-files.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-import-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const at = (name: string): string => join(scratch, name);

const write = (name: string, rows: readonly object[]): string => {
  writeFileSync(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return at(name);
};

const rows = someRows(400);

beforeAll(async () => {
  write('a.jsonl', rows);
  await said('pack', at('a.jsonl'), '--out', at('A'), '--licence', 'CC-BY-4.0', '--created', '1700000000');
});

describe('import', () => {
  it('shows the first rows, then writes all of them with a report', async () => {
    writeFileSync(
      at('in.csv'),
      `question,answer,topic\n${rows.map(({ n, text }) => `What of ${n}?,"${text} Noted on page ${n * 31} by hand ${n}.",facts`).join('\n')}\n`,
    );
    const shown = await said('import', at('in.csv'));
    expect(shown).toMatchObject({
      format: 'csv',
      shape: 'prompt-completion',
      fields: ['question', 'answer', 'topic'],
      issues: [],
    });
    expect(shown['preview']).toHaveLength(5);
    const report = await said(
      'import',
      at('in.csv'),
      '--out',
      at('in.jsonl'),
      '--contributor',
      `0x${'AB'.repeat(20)}`,
      '--threshold',
      '1',
    );
    expect(report).toMatchObject({ written: 400, rows: 400, issues: { count: 0 }, duplicates: { exact: 0 } });
    expect(await said('pack', at('in.jsonl'), '--out', at('imported'))).toMatchObject({ rows: 400, contributors: 1 });
  });

  it('applies the options for reading a file', async () => {
    const read = async (name: string, content: string | Uint8Array, ...options: string[]) => {
      writeFileSync(at(name), content);
      await said('import', at(name), '--out', at('read.jsonl'), ...options);
      return readFileSync(at('read.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
    };
    const chat = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    expect(
      await read(
        'o.csv',
        Buffer.from('ask:n\nM\u00fcn:1\n', 'latin1'),
        '--as-is',
        '--delimiter',
        ':',
        '--encoding',
        'latin1',
        '--numbers',
        'n',
      ),
    ).toEqual([{ ask: 'Mün', n: 1 }]);
    const talk = '{"talk":[{"who":"Kunde","said":"a"},{"who":"Laden","said":"b"}]}';
    const names = ['--messages', 'talk', '--role', 'who', '--content', 'said', '--roles', 'Kunde=user,Laden=assistant'];
    expect(await read('o.jsonl', talk, ...names)).toEqual([{ messages: chat }]);
    const tags = { role_tag: 'who', content_tag: 'said', user_tag: 'Kunde', assistant_tag: 'Laden' };
    const described = { file_name: 'o.jsonl', formatting: 'sharegpt', columns: { messages: 'talk' }, tags };
    writeFileSync(at('dataset_info.json'), JSON.stringify({ other: {}, o: described }));
    expect(await read('o.jsonl', talk, '--dataset-info', at('dataset_info.json'))).toEqual([{ messages: chat }]);
    expect(
      await read('o.jsonl', '{"q":"a","yes":"b","no":"c"}', '--prompt', 'q', '--chosen', 'yes', '--rejected', 'no'),
    ).toEqual([{ prompt: 'a', chosen: 'b', rejected: 'c' }]);
    const twins = '{"text":"one two three four five"}\n{"text":"One two, three four five!"}\n';
    expect(await read('o.jsonl', twins, '--drop-duplicates')).toHaveLength(2);
    expect(await read('o.jsonl', twins, '--drop-near')).toHaveLength(1);
  });

  it('leaves out rows that a version already has', async () => {
    const { id: _, ...again } = rows[3]!;
    write('more.jsonl', [{ ...again, contributor: undefined }, { text: 'Nobody said this before, in any words.' }]);
    const report = await said(
      'import',
      at('more.jsonl'),
      '--out',
      at('fresh.jsonl'),
      '--against',
      at('A'),
      '--drop-duplicates',
      '--threshold',
      '1',
    );
    expect(report).toMatchObject({
      written: 1,
      rows: 2,
      duplicates: {
        exact: 1,
        first: [{ line: 1, first: { in: 'datanet', id: rows[3]!.id, contributor: rows[3]!.contributor } }],
      },
    });
    expect(readFileSync(at('fresh.jsonl'), 'utf8')).toBe('{"text":"Nobody said this before, in any words."}\n');
  });

  it('keeps a picture in a CAR beside its row, with the UnixFS id that other implementations give it', async () => {
    // A valid header, and more than the megabyte that one block holds.
    const picture = new Uint8Array(1_500_000).fill(7);
    picture.set(PNG);
    writeFileSync(at('large.png'), picture);
    const { preview } = (await said('import', at('large.png'))) as { preview: unknown[] };
    const report = await said('import', at('large.png'), '--out', at('pictures.jsonl'));
    const row = JSON.parse(readFileSync(at('pictures.jsonl'), 'utf8')) as { attachments: { cid: string }[] };
    expect(preview).toEqual([row]);
    expect(row.attachments).toMatchObject([{ name: 'large.png', bytes: 1_500_000, mediaType: 'image/png' }]);
    const car = new Uint8Array(readFileSync(at('pictures.attachments.car')));
    const { cid } = row.attachments[0]!;
    expect(report).toMatchObject({
      written: 1,
      attachments: { file: at('pictures.attachments.car'), files: 1 },
    });
    const { roots, blocks } = await readCar([car]);
    const store = new MemoryBlockstore();
    for await (const block of blocks) await store.put(block.cid, block.bytes);
    const folder = await exporter(roots[0]!, store);
    if (folder.type !== 'directory') throw new Error(`it is a ${folder.type}`);
    const named: string[] = [];
    for await (const { name, cid: child } of folder.entries()) named.push(`${name} ${child.toString()}`);
    expect(named).toEqual([`large.png ${cid}`]);
    const entry = await exporter(parseCid(cid), store);
    if (entry.type !== 'file') throw new Error(`it is a ${entry.type}`);
    const found: Uint8Array[] = [];
    for await (const piece of entry.content()) found.push(piece);
    expect(Buffer.concat(found).equals(picture)).toBe(true);
    expect(await said('pack', at('pictures.jsonl'), '--out', at('pictures'))).toMatchObject({
      rows: 1,
      attachments: 1,
    });
    // The version links the picture, so pinning it pins the picture.
    const version = await readCar([new Uint8Array(readFileSync(join(at('pictures'), 'version.car')))]);
    const blocksOfVersion = new Map<string, Uint8Array>();
    for await (const block of version.blocks) blocksOfVersion.set(block.cid.toString(), block.bytes);
    const below = walkDag(async (one) => blocksOfVersion.get(one.toString())!, version.roots);
    const reached: string[] = [];
    for await (const one of below) reached.push(one.cid.toString());
    expect(reached).toContain(cid);
    expect(reached.length).toBe(blocksOfVersion.size);
    expect(await said('verify', at('pictures'))).toMatchObject({ rows: 1 });
  });

  it('makes a row of each picture in a folder, names other files, and contributes rows with their pictures', async () => {
    mkdirSync(at('folder'));
    const other = new Uint8Array(PNG);
    other[other.length - 1]! ^= 1;
    writeFileSync(join(at('folder'), 'a.png'), PNG);
    writeFileSync(join(at('folder'), 'b.png'), other);
    writeFileSync(join(at('folder'), 'c.png'), PNG);
    writeFileSync(join(at('folder'), 'notes.txt'), 'no picture');
    const report = await said('import', at('folder'), '--out', at('folder.jsonl'), '--drop-duplicates');
    expect(report).toMatchObject({
      written: 2,
      rows: 3,
      issues: { count: 1, first: [{ line: 4 }] },
      duplicates: { exact: 1, first: [{ line: 3, first: { in: 'file', line: 1 } }] },
      attachments: { files: 2 },
    });
    const [first] = readFileSync(at('folder.jsonl'), 'utf8').split('\n');
    writeFileSync(at('one.jsonl'), `${first}\n`);
    copyFileSync(at('folder.attachments.car'), at('one.attachments.car'));
    // Two pictures are available, but only the one that the rows name is linked.
    expect(await said('pack', at('one.jsonl'), '--out', at('one'))).toMatchObject({ rows: 1, attachments: 1 });
    mkdirSync(at('none-here'));
    expect((await datanet('import', at('none-here'))).lines).toEqual([expect.stringMatching(/there is no file in it/)]);
  });

  it('refuses attachments that are damaged, truncated or not a folder', async () => {
    writeFileSync(at('p.png'), PNG);
    await said('import', at('p.png'), '--out', at('p.jsonl'));
    const car = readFileSync(at('p.attachments.car'));
    const refusal = async (bytes: Uint8Array) => {
      writeFileSync(at('p.attachments.car'), bytes);
      const { code, lines } = await datanet('pack', at('p.jsonl'), '--out', at('p'));
      expect([code, existsSync(at('p'))]).toEqual([1, false]);
      return lines.join('\n');
    };
    const damaged = Uint8Array.from(car);
    damaged[damaged.length - 1]! ^= 1;
    expect(await refusal(damaged)).toMatch(/hash|does not follow/);
    expect(await refusal(car.subarray(0, car.length - 40))).toMatch(/ends before/);
    expect(await refusal(readFileSync(join(at('A'), 'version.car')))).toMatch(/not a folder|is no file/);
  });

  it('keeps a small picture as one raw block, and no block of a broken one', async () => {
    writeFileSync(at('pixel.png'), PNG);
    const { code } = await datanet('import', at('pixel.png'), '--out', at('none/pixel.jsonl'));
    expect(code).toBe(1);
    writeFileSync(at('half.png'), PNG.subarray(0, 18));
    const half = await datanet('import', at('half.png'), '--out', at('half.jsonl'));
    expect([half.code, half.lines]).toEqual([1, [expect.stringMatching(/not a valid PNG/)]]);
    expect(['half.jsonl', 'half.attachments.car'].filter((name) => existsSync(at(name)))).toEqual([]);
    const small = await said('import', at('pixel.png'), '--out', at('pixel.jsonl'));
    expect(small['attachments']).toMatchObject({ files: 1 });
    expect(readFileSync(at('pixel.jsonl'), 'utf8')).toMatch(/"cid":"bafkrei/);
  });

  test.each<[string, string, string[], RegExp]>([
    ['x.jsonl', '{"a":1}', [], /unknown shape; they have the fields a\. Say which fields/],
    ['x.json', '[{"text":"a"}', [], /the list ends within record 1/],
    ['x.jsonl', '{"text":"a"}', ['--text', 'a', '--prompt', 'b'], /--text and --prompt exclude/],
    ['x.jsonl', '{"text":"a"}', ['--prompt', 'b'], /--prompt and --completion belong together/],
    ['x.jsonl', '{"text":"a"}', ['--messages', 'a', '--as-is'], /--messages and --as-is exclude/],
    ['x.jsonl', '{"text":"a"}', ['--role', 'a'], /--role and --content belong to --messages/],
    ['x.jsonl', '{"text":"a"}', ['--chosen', 'a'], /--chosen and --rejected belong together/],
    ['x.jsonl', '{"text":"a"}', ['--roles', 'a=boss'], /--roles holds "a=boss"/],
    ['x.jsonl', '{"text":"a"}', ['--dataset', 'a'], /--dataset names an entry/],
    ['x.csv', 'text\na', ['--delimiter', ';;'], /--delimiter is ";;"/],
    ['x.csv', 'text\na', ['--encoding', 'klingon'], /there is no encoding "klingon"/],
    ['x.jsonl', '{"text":"a"', [], /no record can be read; the first: x.jsonl line 1: not valid JSON/],
    [
      'x.jsonl',
      '{"text":"a","licence":"CC-BY-NC-4.0"}',
      ['--licence', 'MIT'],
      /no row can be used; the first: .*commercial use/,
    ],
    ['x.jsonl', '{"text":"a"}', ['--licence', 'mine'], /--licence is "mine"/],
    ['x.jsonl', '{"text":"a"}', ['--threshold', '2'], /--threshold is "2"/],
    ['x.jsonl', '{"text":"a"}', ['--contributor', '0x1'], /--contributor is "0x1"/],
    ['x.png', 'x', [], /it is not a picture file/],
  ])('refuses %s %s %j', async (name, content, options, message) => {
    writeFileSync(at(name), content);
    const { code, out, lines } = await datanet('import', at(name), '--out', at('never.jsonl'), ...options);
    expect([code, out, lines]).toEqual([1, '', [expect.stringMatching(message)]]);
    expect(existsSync(at('never.jsonl'))).toBe(false);
  });
});
