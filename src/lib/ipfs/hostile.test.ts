// Random damage: every input ends in an error of ours or in sound data, and no partial result remains.

import * as dagCbor from '@ipld/dag-cbor';
import * as dagPb from '@ipld/dag-pb';
import { MemoryBlockstore } from 'blockstore-core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { DAG_CBOR, DAG_PB, makeBlock, RAW } from '#lib/formats/block/block.ts';
import { bytesOf, idsIn, memoryNode, seededBytes, text } from '#tests/support/ipfs-node.ts';
import { addFolder } from './add-files.ts';
import { exportCar } from './export-car.ts';
import { importCar } from './import-car.ts';
import { listFolder, readFile } from './read-files.ts';
import { verifyData } from './verify-data.ts';
import { linksOf } from './walk.ts';

const drain = async (pieces: AsyncIterable<unknown>) => {
  for await (const _ of pieces);
};
/** The error, if it is one of ours; a defect is thrown on. */
async function outcome<T>(act: () => Promise<T>): Promise<T | PayableError> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof PayableError) return error;
    throw error;
  }
}

async function exampleCar() {
  const node = await memoryNode();
  const root = await addFolder(node, [
    { path: 'a/large', content: [...seededBytes(1_100_000, 'hostile')] },
    { path: 'a/small', content: text('small') },
    { path: 'readme.md', content: text('# hello') },
  ]);
  return bytesOf(exportCar(node, root));
}

type Damage = { kind: 'cut' | 'drop' | 'double' | 'noise'; at: number; length: number; seed: number };
const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom('cut', 'drop', 'double', 'noise'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 200 }),
  seed: fc.nat(255),
});

function damaged(bytes: Uint8Array, { kind, at, length, seed }: Damage): Uint8Array {
  // Section headers lie near the ends, so half of the damage goes there.
  const start = at % 2 === 0 ? at % bytes.length : at % 400;
  const end = Math.min(bytes.length, start + length);
  const [before, middle, after] = [bytes.subarray(0, start), bytes.subarray(start, end), bytes.subarray(end)];
  switch (kind) {
    case 'cut':
      return before;
    case 'drop':
      return Buffer.concat([before, after]);
    case 'double':
      return Buffer.concat([before, middle, middle, after]);
    case 'noise':
      return Buffer.concat([before, middle.map((byte, index) => byte ^ ((seed + index) | 1)), after]);
  }
}

it('imports a damaged CAR completely and correctly, or not at all', async () => {
  const car = await exampleCar();
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (list) => {
      const store = new MemoryBlockstore();
      const node = await memoryNode(store);
      const result = await outcome(() => importCar(node, [list.reduce(damaged, car)]));
      if (result instanceof PayableError) expect(idsIn(store)).toEqual([]);
      else expect(await verifyData(node, result.roots)).toMatchObject({ missing: [], damaged: [] });
    }),
    { numRuns: 250 },
  );
}, 60_000);

it('turns any bytes into an error of ours', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const store = new MemoryBlockstore();
      const node = await memoryNode(store);
      expect(await outcome(() => importCar(node, [bytes]))).toBeInstanceOf(PayableError);
      expect(idsIn(store)).toEqual([]);
    }),
    { numRuns: 400 },
  );
}, 60_000);

it('reads any node as a file or folder, or says that it is none', async () => {
  const leaf = await makeBlock(RAW, text('leaf'));
  const link = fc.record({
    Name: fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('..', 'a/b', '00x', 'FF')),
    Tsize: fc.nat(),
    Hash: fc.constant(leaf.cid),
  });
  const node = fc.record({
    Data: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      // Types 0 to 5 with sizes that lie.
      fc
        .tuple(fc.nat(6), fc.nat(127), fc.nat(127))
        .map(([type, size, block]) => Uint8Array.of(8, type, 24, size, 32, block)),
    ),
    Links: fc.array(link, { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(node, async ({ Data, Links }) => {
      const here = await memoryNode();
      const root = await makeBlock(DAG_PB, dagPb.encode(dagPb.prepare({ Data, Links })));
      for (const { cid, bytes } of [leaf, root]) await here.blocks.put(cid, bytes);
      await outcome(() => drain(readFile(here, root.cid)));
      await outcome(() => drain(readFile(here, root.cid, { path: 'a' })));
      await outcome(() => drain(listFolder(here, root.cid)));
    }),
    { numRuns: 300 },
  );
}, 60_000);

it('is not brought down by nesting', async () => {
  for (const depth of [1_000, 100_000, 2_000_000]) {
    const bytes = new Uint8Array(depth + 1).fill(0x81);
    bytes[depth] = 0x00;
    const block = await makeBlock(DAG_CBOR, bytes);
    const found = await outcome(async () => linksOf(block));
    if (depth > 1_000) expect(found).toMatchObject({ code: 'format/invalid' });
    else expect(found).toEqual([]);
  }
  const many = await makeBlock(DAG_CBOR, dagCbor.encode(Array.from({ length: 50_000 }, () => leafId)));
  expect(linksOf(many)).toHaveLength(50_000);
});
const leafId = (await makeBlock(RAW, text('leaf'))).cid;
