// The Datanets that come with the app: complete, valid, and made of the rows beside the demo model.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it, test } from 'vitest';
import { parseCid } from '#lib/formats/block/block.ts';
import { readCar } from '#lib/formats/block/car.ts';
import { openVersion } from '#lib/dataset/version-reader.ts';
import { verifyVersion } from '#lib/dataset/verify-version.ts';
import { allRows, digester, memorySource } from '../../tests/support/datanets.ts';
import { buildDemoDatanets, type DemoDatanet } from './build-demo-datanets.ts';

const read = (path: string) => new Uint8Array(readFileSync(`static/datanets/${path}`));
const { datanets } = JSON.parse(new TextDecoder().decode(read('index.json'))) as { datanets: DemoDatanet[] };

it('equal the output of the script', async () => {
  for (const [path, bytes] of await buildDemoDatanets())
    expect(`${path} ${Buffer.from(read(path)).equals(Buffer.from(bytes))}`).toBe(`${path} true`);
});

it('are five', () => {
  expect(datanets.map(({ id }) => id).sort()).toEqual(['finance', 'manufacturing', 'medical', 'pharma', 'retail']);
});

test.each(datanets)('$id verifies, with ten contributors and the rows of its adapter', async (datanet) => {
  const bytes = read(datanet.car.path);
  expect({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }).toMatchObject({
    bytes: datanet.car.bytes,
    sha256: datanet.car.sha256,
  });
  const source = memorySource(datanet.id);
  const { roots, blocks } = await readCar([bytes]);
  for await (const block of blocks) source.blocks.set(block.cid.toString(), block.bytes);
  expect(roots.map(String)).toEqual([datanet.manifest]);
  const open = await openVersion(parseCid(datanet.manifest), source, digester);
  expect(await verifyVersion(open, digester)).toMatchObject({ rows: 240, contributors: 10 });
  expect(open.contributors.map(({ address, rows }) => ({ address, rows }))).toEqual(datanet.contributors);
  expect(open.version.rowRoot).toBe(datanet.rowRoot);
  const lines = readFileSync(`static/models/nano/datanets/${datanet.id}.jsonl`, 'utf8').trim().split('\n');
  expect((await allRows(open)).map((text) => JSON.parse(text) as unknown)).toEqual(
    lines.map((line) => JSON.parse(line) as unknown),
  );
});
