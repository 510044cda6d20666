// Attached files through the command line: packed, verified, unpacked, kept by the next version, and signed with it.

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyToAddress } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Block } from '#lib/formats/block/block.ts';
import { readCar, writeCar } from '#lib/formats/block/car.ts';
import { datanet, said } from '../tests/support/datanet-command.ts';
import { PNG } from '../tests/support/import-files.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-files-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const at = (name: string): string => join(scratch, name);
const versionOf = (name: string): string => join(at(name), 'version.car');
const key = `0x${'5a'.repeat(32)}` as const;
const CREATED = ['--created', '1700000000'];
const TERMS = ['--licence', 'CC-BY-4.0', ...CREATED];

/** One picture larger than a block, and one of a single block. */
beforeAll(async () => {
  mkdirSync(at('pictures'));
  const large = new Uint8Array(1_500_000).fill(7);
  large.set(PNG);
  writeFileSync(join(at('pictures'), 'large.png'), large);
  writeFileSync(join(at('pictures'), 'small.png'), PNG);
  await said('import', at('pictures'), '--out', at('rows.jsonl'));
  await said('pack', at('rows.jsonl'), '--out', at('first'), ...TERMS);
});

const blocksIn = async (path: string) => {
  const { roots, blocks } = await readCar([new Uint8Array(readFileSync(path))]);
  return { roots, blocks: await Array.fromAsync(blocks) };
};

/** The first version with its blocks changed. */
async function changed(name: string, change: (blocks: Block[]) => Block[]) {
  const { roots, blocks } = await blocksIn(versionOf('first'));
  mkdirSync(at(name));
  writeFileSync(versionOf(name), Buffer.concat(await Array.fromAsync(writeCar(roots, change(blocks)))));
  return datanet('verify', at(name));
}

describe('verify', () => {
  it('verifies the attached files', async () => {
    expect(await said('verify', at('first'))).toMatchObject({ rows: 2, attachments: 2, missingFiles: 0 });
  });

  it('refuses a version with a flipped bit in a picture', async () => {
    const { code, lines } = await changed('flipped', (blocks) =>
      blocks.map((block) =>
        block.bytes.length > 400_000 ? { cid: block.cid, bytes: block.bytes.with(300_000, 9) } : block,
      ),
    );
    expect([code, lines]).toEqual([1, [expect.stringMatching(/do not have the hash/)]]);
  });

  it('refuses a version without its pictures', async () => {
    const { code, lines } = await changed('bare', (blocks) => blocks.filter(({ bytes }) => bytes.length < 400_000));
    expect([code, lines]).toEqual([1, [expect.stringMatching(/block baf\w+ is missing/)]]);
  });
});

it('unpacks files beside the rows; packing them again gives the same version', async () => {
  const { manifest } = await said('verify', at('first'));
  mkdirSync(at('unpacked'));
  const out = join(at('unpacked'), 'rows.jsonl');
  expect(await said('unpack', at('first'), '--out', out)).toMatchObject({ rows: 2, attachments: { files: 2 } });
  expect(await said('pack', out, '--out', at('again'), ...TERMS)).toMatchObject({ manifest, attachments: 2 });
});

it('keeps the files of the parent version, and names missing ones', async () => {
  const rows = readFileSync(at('rows.jsonl'), 'utf8');
  writeFileSync(at('next.jsonl'), `${rows}{"id":"new","text":"A row without a picture."}\n`);
  const next = await said('pack', at('next.jsonl'), '--parent', at('first'), '--out', at('second'), ...CREATED);
  expect(next).toMatchObject({ rows: 3, attachments: 2, missingFiles: 0, version: 2 });
  expect(await said('verify', at('second'))).toMatchObject({ attachments: 2 });
  const lost = await said('pack', at('next.jsonl'), '--out', at('lost'), ...TERMS);
  expect(lost).toMatchObject({ rows: 3, attachments: 0, missingFiles: 2 });
  expect(await said('verify', at('lost'))).toMatchObject({ attachments: 0, missingFiles: 2 });
});

describe('sign', () => {
  const keyFile = ['--key-file', at('key')];
  beforeAll(() => writeFileSync(at('key'), `${key}\n`));
  const copy = (name: string) => {
    mkdirSync(at(name));
    copyFileSync(versionOf('first'), versionOf(name));
    return at(name);
  };

  it('puts the author’s name and signature into a version, and keeps all of its blocks', async () => {
    const folder = copy('signed');
    const before = await blocksIn(versionOf('signed'));
    const made = await said('sign', folder, ...keyFile);
    expect(made).toMatchObject({ author: privateKeyToAddress(key).toLowerCase(), version: 1 });
    const verified = await said('verify', folder);
    expect(verified).toMatchObject({ signature: 'valid', rows: 2, attachments: 2, manifest: made['manifest'] });
    const after = await blocksIn(versionOf('signed'));
    expect(after.blocks.length).toBe(before.blocks.length);
    // Signing again gives the same id: the signature covers the version without its signature.
    expect(await said('sign', folder, ...keyFile)).toEqual(made);
  });

  it('refuses to sign a damaged version, or one of another author', async () => {
    const { blocks, roots } = await blocksIn(versionOf('first'));
    mkdirSync(at('damaged'));
    const bare = blocks.filter(({ bytes }) => bytes.length < 400_000);
    writeFileSync(versionOf('damaged'), Buffer.concat(await Array.fromAsync(writeCar(roots, bare))));
    expect((await datanet('sign', at('damaged'), ...keyFile)).code).toBe(1);
    await said('pack', at('rows.jsonl'), '--out', at('other'), ...TERMS, '--author', `0x${'11'.repeat(20)}`);
    const other = await datanet('sign', at('other'), ...keyFile);
    expect([other.code, other.lines]).toEqual([1, [expect.stringMatching(/names 0x1{40} as its author/)]]);
    expect((await datanet('sign', copy('keyless'))).lines).toEqual([expect.stringMatching(/needs a key/)]);
    expect(existsSync(versionOf('keyless'))).toBe(true);
  });
});
