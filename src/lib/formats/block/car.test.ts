// CARs written and read, also with another implementation, and every way to make an invalid one.

import { CarReader, CarWriter } from '@ipld/car';
import { encode } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { CID } from 'multiformats/cid';
import { sha512 } from 'multiformats/hashes/sha2';
import { describe, expect, it } from 'vitest';
import {
  checkBlock,
  DAG_CBOR,
  DAG_PB,
  makeBlock,
  MAX_RAW_BYTES,
  parseCid,
  RAW,
  rawCidOf,
  type Block,
} from './block.ts';
import { readCar, writeCar, type ByteSource, type CarOptions } from './car.ts';

const text = (words: string) => new TextEncoder().encode(words);

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

async function readAll(source: ByteSource, options?: CarOptions) {
  const { roots, blocks } = await readCar(source, options);
  const found: Block[] = [];
  for await (const block of blocks) found.push(block);
  return { roots, blocks: found };
}

function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const plain = (blocks: Block[]) => blocks.map(({ cid, bytes }) => [cid.toString(), Buffer.from(bytes).toString('hex')]);

const example = async () => [
  await makeBlock(RAW, text('hello world')),
  await makeBlock(RAW, new Uint8Array(0)),
  await makeBlock(DAG_CBOR, encode({ rows: 3 })),
  await makeBlock(RAW, new Uint8Array(MAX_RAW_BYTES).fill(7)),
];

/** A section, valid or not. */
function section(cid: CID, bytes: Uint8Array, claimed = cid.bytes.length + bytes.length): Uint8Array {
  return Buffer.concat([varint(claimed), cid.bytes, bytes]);
}
function varint(value: number): Uint8Array {
  const out: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) out.push((value % 128) + 128);
  return Uint8Array.from([...out, value]);
}
const header = (roots: CID[] = []) => bytesOf(writeCar(roots, []));

it('reads what it wrote, in any chunks', async () => {
  const blocks = await example();
  const written = await bytesOf(writeCar([blocks[2]!.cid], blocks));
  for (const size of [7, 64, 65_536, written.length]) {
    const { roots, blocks: found } = await readAll(inPieces(written, size));
    expect(roots.map(String)).toEqual([blocks[2]!.cid.toString()]);
    expect(plain(found)).toEqual(plain(blocks));
    // A view would keep the whole buffer alive, in memory and in IndexedDB.
    for (const { bytes } of found) expect(bytes.buffer.byteLength).toBe(bytes.length);
  }
});

it('agrees with @ipld/car in both directions', async () => {
  const blocks = await example();
  const theirs = await CarReader.fromBytes(new Uint8Array(await bytesOf(writeCar([blocks[0]!.cid], blocks))));
  expect((await theirs.getRoots()).map(String)).toEqual([blocks[0]!.cid.toString()]);
  for (const { cid, bytes } of blocks) expect((await theirs.get(cid))?.bytes).toEqual(bytes);

  const { writer, out } = CarWriter.create([blocks[1]!.cid]);
  const written = bytesOf(out);
  for (const block of blocks) await writer.put(block);
  await writer.close();
  expect(plain((await readAll([await written])).blocks)).toEqual(plain(blocks));
});

describe('refuses', () => {
  const good = text('good');
  const cases: [string, () => Promise<Uint8Array>, string, CarOptions?][] = [
    ['nothing at all', async () => new Uint8Array(0), 'it is empty'],
    ['a header cut short', async () => (await header()).subarray(0, 9), 'the header ends before'],
    ['a header of 2 GiB', async () => varint(2 ** 31), 'the header claims 2147483648 bytes'],
    ['text', async () => text('<html>not found</html>'), 'the header ends before'],
    ['long text', async () => text('<html>'.repeat(99)), 'not dag-cbor'],
    ['a header without roots', async () => Buffer.concat([varint(10), encode({ version: 1 })]), 'no version 1'],
    ['version 2', async () => Buffer.from('0aa16776657273696f6e02' + '00'.repeat(40), 'hex'), 'version 2'],
    [
      'a root that is no id',
      async () => withHeader({ version: 1, roots: ['x'] }),
      'a root in the header is not a content id',
    ],
    ['a block changed by one bit', async () => car(section(await rawOf(good), text('goof'))), 'do not have the hash'],
    ['a block under another id', async () => car(section(await rawOf(text('evil')), good)), 'do not have the hash'],
    ['a block cut short', async () => car(section(await rawOf(good), good).subarray(0, -1)), 'block 0 ends before'],
    ['a length that is too long', async () => car(section(await rawOf(good), good, 50)), 'block 0 ends before'],
    ['a length that lies low', async () => car(section(await rawOf(good), good, 37)), 'do not have the hash'],
    ['a length shorter than the id', async () => car(section(await rawOf(good), good, 20)), 'content id'],
    ['a length of 3 GiB', async () => car(section(await rawOf(good), good, 3 * 2 ** 30)), 'claims 3221225472 bytes'],
    ['a length without end', async () => car(new Uint8Array(20).fill(0xff)), 'has no end'],
    ['a length written longer than needed', async () => car(Uint8Array.of(0x85, 0x00)), 'not written shortest'],
    ['a length of zero', async () => car(Uint8Array.of(0)), 'has length 0'],
    ['a length cut short', async () => car(Uint8Array.of(0x85)), 'ends in the length of block 0'],
    ['a raw block above 1 MiB', async () => car(await bigBlock(RAW, MAX_RAW_BYTES + 1)), 'has 1048577 bytes'],
    ['a node above 2 MiB', async () => car(await bigBlock(DAG_PB, 2 ** 21 + 1)), 'has 2097153 bytes'],
    ['another hash', async () => car(section(CID.createV1(RAW, await sha512.digest(good)), good)), 'hash 0x13'],
    ['a hash cut short', async () => car(section(await shortHash(good), good)), 'of 20 bytes'],
    [
      'another codec',
      async () => car(section(CID.createV1(0x0129, (await rawOf(good)).multihash), good)),
      'codec 0x129',
    ],
    ['too many blocks', async () => car(section(await rawOf(good), good)), 'more than 0 blocks', { maxBlocks: 0 }],
    ['too many bytes', async () => car(section(await rawOf(good), good)), 'more than 3 bytes', { maxBytes: 3 }],
  ];
  const rawOf = async (bytes: Uint8Array) => (await makeBlock(RAW, bytes)).cid;
  const car = async (...sections: Uint8Array[]) => Buffer.concat([await header(), ...sections]);
  const withHeader = (value: unknown) => Buffer.concat([varint(encode(value).length), encode(value)]);
  const shortHash = async (bytes: Uint8Array) =>
    CID.decode(Buffer.concat([Uint8Array.of(1, RAW, 0x12, 20), (await rawOf(bytes)).multihash.digest.subarray(0, 20)]));
  async function bigBlock(codec: number, size: number) {
    const bytes = new Uint8Array(size);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return section(CID.createV1(codec, rawCidOf(digest).multihash), bytes);
  }

  it.each(cases)('%s', async (_what, make, message, options) => {
    await expect(readAll([await make()], { name: 'evil.car', ...options })).rejects.toThrow(message);
    await expect(readAll([await make()], { name: 'evil.car', ...options })).rejects.toThrow('evil.car');
  });

  it('makes no block larger than it would read', async () => {
    await expect(makeBlock(RAW, new Uint8Array(MAX_RAW_BYTES + 1))).rejects.toThrow('at most 1048576');
  });
});

it('buffers little of a CAR that claims large blocks', async () => {
  let handedOut = 0;
  async function* endless() {
    yield Buffer.concat([await header(), varint(2 ** 34)]);
    for (;;) {
      handedOut += 65_536;
      yield new Uint8Array(65_536);
    }
  }
  await expect(readAll(endless())).rejects.toThrow('claims');
  expect(handedOut).toBe(0);
});

describe('closes its source', () => {
  async function watched() {
    const written = await bytesOf(writeCar([], await example()));
    let closed = false;
    function* source() {
      try {
        yield* inPieces(written, 16);
      } finally {
        closed = true;
      }
    }
    return { source: source(), closed: () => closed };
  }

  it('on abort', async () => {
    const stop = new AbortController();
    const { source, closed } = await watched();
    const { blocks } = await readCar(source, { signal: stop.signal });
    await blocks.next();
    stop.abort();
    await expect(blocks.next()).rejects.toMatchObject({ code: 'core/aborted' });
    expect(closed()).toBe(true);
  });

  it.each([0, 1])('when returned after %i blocks', async (count) => {
    const { source, closed } = await watched();
    const { blocks } = await readCar(source);
    for (let at = 0; at < count; at++) await blocks.next();
    await blocks.return();
    expect(closed()).toBe(true);
    expect(await blocks.next()).toEqual({ done: true, value: undefined });
  });
});

it('refuses a CAR with a flipped bit or cut short', async () => {
  const blocks = [await makeBlock(RAW, text('one')), await makeBlock(DAG_CBOR, encode({ two: 2 }))];
  const written = await bytesOf(writeCar([blocks[1]!.cid], blocks));
  const flips = fc.record({ at: fc.nat(written.length - 1), bit: fc.nat(7) });
  const known = new Map(plain(blocks) as [string, string][]);
  await fc.assert(
    fc.asyncProperty(flips, async ({ at, bit }) => {
      const changed = Uint8Array.from(written);
      changed[at]! ^= 1 << bit;
      const found = await readAll([changed]).catch((error: unknown) => error as { code?: string });
      // A flip may only touch the header's root, or make another codec of one that has the same hash.
      if ('blocks' in found) {
        for (const { cid, bytes } of found.blocks) await checkBlock({ cid, bytes }, 'flipped');
        for (const [, bytes] of plain(found.blocks)) expect([...known.values()]).toContain(bytes);
      } else expect(found.code).toMatch(/^format\//);
    }),
    { numRuns: 400 },
  );
  for (let end = 0; end < written.length; end++) {
    const found = await readAll([written.subarray(0, end)]).catch((error: unknown) => error as { code?: string });
    // A CAR cut between two blocks is still valid; a reader of the root finds the blocks missing.
    if ('blocks' in found) expect(found.blocks.length).toBeLessThan(2);
    else expect(found.code).toMatch(/^format\/(truncated|invalid)$/);
  }
});

describe('an id', () => {
  it.each([
    'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e',
    'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn',
  ])('%s is read', (id) => expect(parseCid(id).toString()).toBe(id));

  it.each([
    '',
    'bafk',
    '../../etc/passwd',
    'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5!',
    'b'.repeat(9999),
  ])('%s is refused', (id) => expect(() => parseCid(id)).toThrow('content id'));
});
