// Files, versions, shards and pages from strangers: reading any of them gives rows or a PayableError, quickly and in bounded memory.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '@ipld/dag-cbor';
import { PayableError } from '#lib/core/errors.ts';
import { rawCidOf } from '#lib/formats/block/block.ts';
import { encodeVersion, parseVersion } from '#lib/formats/datanet/datanet-version.ts';
import { parseCanonical } from '#lib/formats/json/canonical-json.ts';
import { readCar, writeCar } from '#lib/formats/block/car.ts';
import { parsePage } from '#lib/formats/datanet/paged-list.ts';
import { shardFormat } from '#lib/formats/datanet/datanet-version.ts';
import { brokenFiles, SOUND } from '#tests/support/broken-files.ts';
import { digester, packRows, someRows } from '#tests/support/datanets.ts';
import { memoryFile } from '#tests/support/import-files.ts';
import { importRows } from './import/import-rows.ts';
import { createListSplitter } from './import/split-list.ts';
import { checkParquetPages } from './import/check-parquet-pages.ts';
import { openVersion, parseShard } from '#lib/dataset/version-reader.ts';
import { verifyVersion } from '#lib/dataset/verify-version.ts';

const attach = async (bytes: Uint8Array) => rawCidOf(digester.sha256(bytes));

/** The number of rows; or the error, which must be readable. */
async function rowsOf(name: string, bytes: Uint8Array, piece?: number): Promise<number> {
  let rows = 0;
  try {
    for await (const batch of importRows(memoryFile(name, bytes, piece), { attach })) rows += batch.rows.length;
  } catch (error) {
    if (!(error instanceof PayableError)) throw error;
    expect(error.message).not.toBe('');
    expect(error.toLine().length).toBeLessThan(1500);
    return -1;
  }
  return rows;
}

describe('files', () => {
  it.each(SOUND)('$name is valid before it is mutated', async ({ name, bytes }) => {
    expect(await rowsOf(name, bytes)).toBeGreaterThan(0);
  });

  it('of the corpus give rows or an error', async () => {
    const files = brokenFiles();
    expect(files.length).toBeGreaterThanOrEqual(200);
    const before = process.memoryUsage();
    let refused = 0;
    for (const { name, bytes } of files) {
      const began = performance.now();
      if ((await rowsOf(name, bytes)) < 0) refused++;
      expect(`${name} ${performance.now() - began < 5000}`).toBe(`${name} true`);
    }
    expect(refused).toBeGreaterThan(60);
    const after = process.memoryUsage();
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(300e6);
  }, 120_000);

  it.each(SOUND)(
    'like $name with anything in them end the same way',
    async ({ name, bytes }) => {
      const change = fc.record({
        at: fc.nat({ max: bytes.length }),
        drop: fc.nat({ max: 16 }),
        put: fc.uint8Array({ maxLength: 16 }),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(change, { minLength: 1, maxLength: 4 }),
          fc.integer({ min: 1, max: 64 }),
          async (changes, piece) => {
            let broken = [...bytes];
            for (const { at, drop, put } of changes)
              broken = [...broken.slice(0, at), ...put, ...broken.slice(at + drop)];
            await rowsOf(name, Uint8Array.from(broken), piece);
          },
        ),
        { numRuns: 40 },
      );
    },
    60_000,
  );

  it('give the same records for any chunks', () => {
    const list = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), { maxLength: 6 });
    fc.assert(
      fc.property(list, fc.integer({ min: 1, max: 20 }), (values, size) => {
        const source = JSON.stringify(values, null, 1);
        const splitter = createListSplitter('x', 1e6);
        const found = (source.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []).flatMap((piece) => splitter.push(piece));
        splitter.end();
        expect(found.map((one) => JSON.parse(one.source) as unknown)).toEqual(JSON.parse(source));
      }),
    );
  });
});

const packed = await packRows(someRows(300));
const [shard] = packed.shards;
const shardBytes = await packed.open.block(shard!.cid);
const manifest = encodeVersion(packed.version, digester).bytes;

/** Runs `work`; errors of this product are expected. */
function refusal(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (!(error instanceof PayableError)) throw error;
    return error.message;
  }
}

const turned = (bytes: Uint8Array) =>
  fc
    .array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 5,
    })
    .map((turns) => {
      const copy = bytes.slice();
      for (const [at, by] of turns) copy[at] = copy[at]! ^ by;
      return copy;
    });

describe('blocks', () => {
  it('of versions are refused, or are in canonical form', () => {
    fc.assert(
      fc.property(turned(manifest), (bytes) => {
        const message = refusal(() => expect(encodeVersion(parseVersion(bytes, 'v'), digester).bytes).toEqual(bytes));
        expect(message).not.toBe('');
      }),
      { numRuns: 400 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void refusal(() => parseVersion(bytes, 'v'))));
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3, withNullPrototype: false }), (value) => {
        let bytes: Uint8Array;
        try {
          bytes = encode(value);
        } catch {
          return;
        }
        expect(refusal(() => parseVersion(bytes, 'v'))).not.toBeNull();
      }),
    );
  });

  it('of a hundred thousand nested lists are refused', () => {
    expect(refusal(() => parseVersion(new Uint8Array(100_000).fill(0x81), 'v'))).toMatch(/not valid dag-cbor/);
    // A list that claims to have four thousand million entries.
    expect(refusal(() => parseVersion(Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff), 'v'))).toMatch(/not valid dag-cbor/);
  });

  it('of shards and pages are refused after any change', () => {
    fc.assert(
      fc.property(turned(shardBytes), (bytes) => {
        const same = bytes.every((byte, at) => byte === shardBytes[at]);
        expect(refusal(() => parseShard(bytes, shard!, 's', digester)) === null).toBe(same);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(refusal(() => parseShard(bytes, shard!, 's', digester))).not.toBeNull();
        expect(refusal(() => parsePage(bytes, { cid: shard!.cid, count: 1 }, shardFormat, 'p'))).not.toBeNull();
      }),
    );
  });

  it('of versions with any field changed never verify', async () => {
    const hex = (size: number) =>
      fc
        .uint8Array({ minLength: size, maxLength: size })
        .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as const);
    const field = fc.oneof(
      hex(32).map((rowRoot) => ({ rowRoot })),
      fc.integer({ min: 1, max: 2 ** 40 }).map((rows) => ({ stats: { ...packed.version.stats, rows } })),
      fc
        .integer({ min: 0, max: packed.shards.length - 1 })
        .map((at) => ({ shards: packed.shards.filter((_, index) => index !== at) })),
      fc.tuple(fc.nat({ max: 9 }), hex(20)).map(([at, address]) => ({
        contributors: packed.contributors
          .map((one, index) => (index === at ? { ...one, address } : one))
          .sort((a, b) => (a.address < b.address ? -1 : 1)),
      })),
      fc.nat({ max: 9 }).map((at) => ({ contributors: packed.contributors.filter((_, index) => index !== at) })),
      fc.tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat()).map(([digest, bytes]) => ({
        attachments: [{ cid: rawCidOf(digest), bytes: bytes % 1000 }],
      })),
    );
    await fc.assert(
      fc.asyncProperty(field, async (fields) => {
        const block = encodeVersion({ ...packed.version, ...fields }, digester);
        packed.source.blocks.set(block.cid.toString(), block.bytes);
        await expect(
          openVersion(block.cid, packed.source, digester).then((open) => verifyVersion(open, digester)),
        ).rejects.toBeInstanceOf(PayableError);
      }),
      { numRuns: 60 },
    );
  });

  it('in CARs are refused with a flipped bit', async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of writeCar(
      [packed.cid],
      [
        { cid: shard!.cid, bytes: shardBytes },
        { cid: packed.cid, bytes: manifest },
      ],
    ))
      pieces.push(piece);
    const car = new Uint8Array(Buffer.concat(pieces));
    await fc.assert(
      fc.asyncProperty(turned(car), async (bytes) => {
        try {
          const { roots, blocks } = await readCar([bytes]);
          expect(roots.length).toBeLessThan(3);
          for await (const { cid, bytes: found } of blocks) {
            expect(digester.sha256(found)).toEqual(
              cid.multihash.code === 0x12 ? cid.multihash.digest : expect.anything(),
            );
          }
        } catch (error) {
          if (!(error instanceof PayableError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});

it('rows: any text is a row or is refused', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void refusal(() => parseCanonical(text, 'x'))));
  const token = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    'u',
    'a',
    '0',
    '1',
    '9007199254740993',
    '.',
    'e',
    '-',
    ' ',
    'null',
    '\\"',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 30 }), (parts) => {
      const source = `{"a":${parts.join('')}}`;
      const message = refusal(() =>
        expect(parseCanonical(parseCanonical(source, 'x').text, 'x').text).toBe(parseCanonical(source, 'x').text),
      );
      expect(message).not.toBe('');
    }),
    { numRuns: 2000 },
  );
});

it('page headers of Parquet cannot claim more than there is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      try {
        checkParquetPages(bytes, 1000);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 2000 },
  );
});
