// `payable datanet contribute` end to end: rows and a key become a signed folder; each error is one line.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyToAddress } from 'viem/accounts';
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { toHex } from '#lib/core/bytes.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import { datanet, said } from '../tests/support/datanet-command.ts';
import { someRows } from '../tests/support/datanets.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-contribute-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const at = (name: string): string => join(scratch, name);
const key = `0x${'5a'.repeat(32)}` as const;
const me = privateKeyToAddress(key).toLowerCase();
const DATANET = `31337:0x${'cd'.repeat(20)}:7`;

const write = (name: string, rows: readonly object[]): string => {
  writeFileSync(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return at(name);
};
const terms = ['--datanet', DATANET, '--licence', 'CC-BY-4.0'];
const signed = ['--key-file', at('key')];

beforeAll(() => {
  writeFileSync(at('key'), `${key}\n`);
  write(
    'mine.jsonl',
    someRows(250).map(({ contributor: _, ...row }) => row),
  );
});

it('signs rows in one’s own name, without a chain, and verify proves them', async () => {
  const made = await said('contribute', at('mine.jsonl'), ...terms, ...signed, '--out', at('given'));
  expect(made).toMatchObject({ contributor: me, datanet: DATANET, licence: 'CC-BY-4.0', rows: 250, duplicates: 0 });
  expect(made['content']).toBe(toHex(parseCid(made['contribution'] as string).multihash.digest));
  expect(readdirSync(at('given'))).toEqual(['contribution.car']);
  const { duplicates: _, ...rest } = made;
  expect(await said('verify', at('given'))).toEqual({ ...rest, signature: 'valid' });
  expect(existsSync('.chain')).toBe(false);
});

it('gives the same contribution for the same rows, key and time', async () => {
  const make = (out: string) =>
    said('contribute', at('mine.jsonl'), ...terms, ...signed, '--created', '1700000000', '--out', at(out));
  expect(await make('one')).toEqual(await make('two'));
});

it('refuses a contribution with any flipped bit', async () => {
  await said('contribute', at('mine.jsonl'), ...terms, ...signed, '--out', at('broken'));
  const path = join(at('broken'), 'contribution.car');
  const sound = readFileSync(path);
  for (let place = 70; place < sound.length; place += Math.ceil(sound.length / 25)) {
    const bytes = Buffer.from(sound);
    bytes[place]! ^= 1;
    writeFileSync(path, bytes);
    const { code, out, lines } = await datanet('verify', at('broken'));
    expect([code, out, lines.length, lines[0]?.includes('internal error')]).toEqual([1, '', 1, false]);
  }
});

test.each<[string, () => string[], RegExp]>([
  ['no key', () => [at('mine.jsonl'), ...terms], /This needs a key/],
  ['a key that is none', () => [at('mine.jsonl'), ...terms, '--key-file', at('mine.jsonl')], /private key is not one/],
  ['no Datanet', () => [at('mine.jsonl'), '--licence', 'MIT', ...signed], /--datanet is missing/],
  [
    'a Datanet that is none',
    () => [at('mine.jsonl'), '--datanet', '7', '--licence', 'MIT', ...signed],
    /--datanet is "7"/,
  ],
  ['no licence', () => [at('mine.jsonl'), '--datanet', DATANET, ...signed], /--licence is missing/],
  ['rows of others', () => [write('theirs.jsonl', someRows(3)), ...terms, ...signed], /line 1: the row is 0x0{40}'s/],
  ['no rows', () => [write('none.jsonl', []), ...terms, ...signed], /there is no row/],
])('with %s it writes nothing', async (_, args, message) => {
  const { code, out, lines } = await datanet('contribute', ...args(), '--out', at('never'));
  expect([code, out, lines]).toEqual([1, '', [expect.stringMatching(message)]]);
  expect(existsSync(at('never'))).toBe(false);
  expect(lines[0]).not.toContain(key);
});

it('reports a folder that holds a version too', async () => {
  await said('contribute', at('mine.jsonl'), ...terms, ...signed, '--out', at('both'));
  await said('pack', at('mine.jsonl'), '--out', at('both'));
  expect((await datanet('verify', at('both'))).lines).toEqual([expect.stringMatching(/a version and a contribution/)]);
});
