// Contributions: signed content round-trips, and any change is detected.

import { decode } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it, test } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { fromHex, toHex, type Hex } from '#lib/core/bytes.ts';
import type { AttachedFiles } from '#lib/formats/datanet/attachments.ts';
import { parseCid, rawCidOf } from '#lib/formats/block/block.ts';
import { encodeContribution, parseContribution, type Contribution } from '#lib/formats/datanet/contribution.ts';
import { contributionTypedData } from '#lib/formats/datanet/contribution-signature.ts';
import { rowOf } from '#lib/formats/datanet/datanet-row.ts';
import type { Shard } from '#lib/formats/datanet/datanet-version.ts';
import { cborBlock } from '#lib/formats/datanet/paged-list.ts';
import { linksOf } from '#lib/ipfs/walk.ts';
import { digester, memorySource, memorySpill, packRows, someRows } from '#tests/support/datanets.ts';
import { openContribution, verifyContribution } from './contribution-reader.ts';
import { packContribution } from './pack-contribution.ts';
import { readRows } from '#lib/dataset/read-rows.ts';

/** Of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const account = privateKeyToAccount(`0x${'11'.repeat(32)}`);
const stranger = privateKeyToAccount(`0x${'22'.repeat(32)}`);
const contributor = account.address.toLowerCase() as Hex;
const TERMS = {
  datanet: `31337:0x${'cd'.repeat(20)}:7`,
  contributor,
  licence: { spdx: 'CC-BY-4.0', commercial: true, derivative: true },
  createdAt: 1_700_000_000,
};

async function contributed(
  rows: readonly object[],
  sign = account.signTypedData,
  terms = TERMS,
  files?: AttachedFiles,
) {
  const source = memorySource();
  const text = new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const options = { name: 'rows.jsonl', digester, spill: memorySpill(), runBytes: 9000, sign, files };
  const blocks = packContribution(readRows([text], 'rows.jsonl'), terms, options);
  let next = await blocks.next();
  for (; !next.done; next = await blocks.next()) source.blocks.set(next.value.cid.toString(), next.value.bytes);
  return { ...next.value, source };
}
const nameless = (count: number) => someRows(count).map(({ contributor: _, ...row }) => row);
const made = await contributed(nameless(300));
const verified = async ({ cid, source }: Pick<typeof made, 'cid' | 'source'>) =>
  verifyContribution(await openContribution(cid, source, digester), digester);

/** The contribution with a field changed, its block under its own new id. */
async function changed(change: Partial<Contribution>) {
  const source = memorySource();
  for (const [id, bytes] of made.source.blocks) source.blocks.set(id, bytes);
  const block = encodeContribution({ ...made.contribution, ...change }, digester);
  source.blocks.set(block.cid.toString(), block.bytes);
  return { cid: block.cid, source };
}

/** Two files, of which rows name the first. */
const contents = [7, 8].map((byte) => new Uint8Array(70 + byte).fill(byte));
const files = contents.map((bytes) => rawCidOf(digester.sha256(bytes)).toString());
const withFile = [
  { text: 'See the picture.', attachments: [{ cid: files[0], name: 'a.png' }, { cid: 'https://x' }, 7] },
];

describe('a contribution', () => {
  it('links only the files at hand that its rows name, and is refused when it links others', async () => {
    const at = new Map(files.map((cid, n) => [cid, contents[n]!.length]));
    const packed = await contributed(withFile, account.signTypedData, TERMS, at);
    expect(packed.attachments.map(({ cid, bytes }) => [cid.toString(), bytes])).toEqual([[files[0], 77]]);
    expect(linksOf({ cid: packed.cid, bytes: packed.source.blocks.get(packed.cid.toString())! }).map(String)).toContain(
      files[0],
    );
    await expect(verified(packed)).rejects.toThrow(`${files[0]} is missing`);
    files.forEach((cid, n) => packed.source.blocks.set(cid, contents[n]!));
    expect(await verified(packed)).toEqual({ rows: 1, shards: 1, missingFiles: 0 });
    for (const bytes of [76, 78]) {
      const lying = { ...packed.contribution, attachments: [{ cid: parseCid(files[0]!), bytes }], signature: null };
      const signature = await account.signTypedData(contributionTypedData(lying, digester));
      const block = encodeContribution({ ...lying, signature }, digester);
      packed.source.blocks.set(block.cid.toString(), block.bytes);
      await expect(verified({ cid: block.cid, source: packed.source })).rejects.toThrow(/bytes/);
    }
    const stray = { cid: parseCid(files[1]!), bytes: 1 };
    const forged = { ...packed.contribution, attachments: [stray], signature: null };
    const signature = await account.signTypedData(contributionTypedData(forged, digester));
    const block = encodeContribution({ ...forged, signature }, digester);
    packed.source.blocks.set(block.cid.toString(), block.bytes);
    await expect(verified({ cid: block.cid, source: packed.source })).rejects.toThrow(/no row names file/);
    const twice = { ...forged, attachments: [stray, stray] };
    expect(() => encodeContribution(twice, digester)).toThrow('"attachments" is not sorted');
    // No files at hand: nothing is linked, and the block has no attachments field.
    const bare = await contributed(withFile);
    expect(bare.attachments).toEqual([]);
    expect(await verified(bare)).toMatchObject({ missingFiles: 1 });
    expect(Object.keys(decode(bare.source.blocks.get(bare.cid.toString())!))).not.toContain('attachments');
  });

  it('is verified from its blocks, its rows in its contributor’s name, in the shards of a version of them', async () => {
    expect(await verified(made)).toEqual({ rows: 300, shards: made.shards, missingFiles: 0 });
    const named = nameless(300).map((row) => ({ ...row, contributor }));
    const version = await packRows(named);
    const open = await openContribution(made.cid, made.source, digester);
    expect(open.shards).toEqual(version.shards);
    expect(open.contribution.rowRoot).toBe(version.version.rowRoot);
  });

  it('of any rows, in any order, round-trips', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.record({ id: fc.nat(1e6), text: fc.string({ unit: 'grapheme' }) }), {
          selector: ({ id }) => id,
          minLength: 1,
          maxLength: 120,
        }),
        async (rows) => {
          const [one, other] = [await contributed(rows), await contributed(rows.toReversed())];
          expect(one.cid.toString()).toBe(other.cid.toString());
          const open = await openContribution(one.cid, one.source, digester);
          const found = [];
          for (const shard of open.shards) found.push(...(await open.rows(shard)).map(({ text }) => text));
          const wanted = rows.map((row) => rowOf({ ...row, contributor }, 'row').text);
          expect(found.toSorted()).toEqual(wanted.toSorted());
          expect(await verified(one)).toMatchObject({ rows: rows.length });
        },
      ),
      { numRuns: 15 },
    );
  });

  it('keeps equal rows once', async () => {
    const twice = await contributed([...nameless(10), ...nameless(4)]);
    expect([twice.duplicates, twice.contribution.stats.rows]).toEqual([4, 10]);
  });

  it.each<[string, object[], RegExp]>([
    ['nothing', [], /there is no row/],
    ['a row of somebody else', [...nameless(2), ...someRows(1, 5)], /line 3: the row is 0x5{40}'s/],
    ['two rows of one id', [{ id: 1 }, { id: 1, a: 1 }], /two different rows/],
  ])('is refused with %s', async (_, rows, message) => {
    await expect(contributed(rows)).rejects.toThrow(message);
  });

  it('is not made with the signature of another key', async () => {
    await expect(contributed(nameless(3), stranger.signTypedData)).rejects.toThrow('it is signed by 0x');
  });
});

describe('tampered with', () => {
  test.each<[string, Partial<Contribution>]>([
    ['another Datanet', { datanet: `31337:0x${'cd'.repeat(20)}:8` }],
    ['another chain', { datanet: `1:0x${'cd'.repeat(20)}:7` }],
    ['another contributor', { contributor: stranger.address.toLowerCase() as Hex }],
    ['another licence', { licence: { ...TERMS.licence, spdx: 'CC0-1.0' } }],
    ['a right more', { licence: { ...TERMS.licence, derivative: false } }],
    ['another time', { createdAt: 1 }],
    ['no signature', { signature: null }],
    ['a signature of zeros', { signature: `0x${'00'.repeat(65)}` }],
  ])('%s is detected', async (_, change) => {
    await expect(changed(change).then(verified)).rejects.toThrow(/it is signed by (0x|no account)/);
  });

  it('the second form of its signature is refused', async () => {
    const { signature } = made.contribution;
    const s = ORDER - BigInt(`0x${signature!.slice(66, 130)}`);
    const flip = signature!.endsWith('1b') ? '1c' : '1b';
    const other: Hex = `${signature!.slice(0, 66) as Hex}${s.toString(16).padStart(64, '0')}${flip}`;
    await expect(changed({ signature: other }).then(verified)).rejects.toThrow('signed by no account');
    const short: Hex = `${signature!.slice(0, 130) as Hex}0${flip === '1c' ? 0 : 1}`;
    await expect(changed({ signature: short }).then(verified)).rejects.toThrow('signed by no account');
  });

  it('a row root that does not match its shards is detected', async () => {
    const forged = await changed({ rowRoot: `0x${'33'.repeat(32)}` });
    await expect(verified(forged)).rejects.toThrow('do not make its row root');
  });

  it('rows of another contributor are detected, even when signed', async () => {
    const version = await packRows(someRows(40));
    const { rows, bytes } = version.version.stats;
    const [shards, rowRoot] = [version.shards, version.version.rowRoot];
    const unsigned: Contribution = { ...made.contribution, stats: { rows, bytes }, shards, rowRoot, signature: null };
    const { contributionTypedData } = await import('#lib/formats/datanet/contribution-signature.ts');
    const signature = await account.signTypedData(contributionTypedData(unsigned, digester));
    const block = encodeContribution({ ...unsigned, signature }, digester);
    version.source.blocks.set(block.cid.toString(), block.bytes);
    await expect(verified({ cid: block.cid, source: version.source })).rejects.toThrow('is not in the name of');
  });

  it('a flipped bit in any block is detected', async () => {
    for (const [id, bytes] of made.source.blocks) {
      const source = memorySource();
      for (const [other, sound] of made.source.blocks) source.blocks.set(other, sound);
      source.blocks.set(
        id,
        Uint8Array.from(bytes, (byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte)),
      );
      await expect(verified({ cid: made.cid, source })).rejects.toThrow('do not have the hash');
      source.blocks.delete(id);
      await expect(verified({ cid: made.cid, source })).rejects.toThrow('is missing');
    }
  });
});

describe('parsed strictly', () => {
  const { contribution } = made;
  const sound = encodeContribution(contribution, digester).bytes;
  const object = {
    kind: 'datanet/contribution@1',
    datanet: contribution.datanet,
    contributor: fromHex(contributor),
    licence: { ...contribution.licence },
    stats: contribution.stats,
    shards: (contribution.shards as readonly Shard[]).map((one) => ({ ...one, rowRoot: fromHex(one.rowRoot) })),
    rowRoot: fromHex(contribution.rowRoot),
    createdAt: contribution.createdAt,
    signature: fromHex(contribution.signature!),
  };

  it('has one canonical form', () => {
    expect(toHex(cborBlock(object, digester).bytes)).toBe(toHex(sound));
    expect(parseContribution(sound, 'block')).toEqual(contribution);
  });

  test.each<[string, object, RegExp]>([
    ['a version', { kind: 'datanet/version@1' }, /it is not a datanet\/contribution@1/],
    ['a field more', { more: 1 }, /has a field "more"/],
    ['a name that is none', { datanet: '1:2:3' }, /"datanet" is not chain:contract:id/],
    ['no Datanet', { datanet: null }, /"datanet" is not a text/],
    ['a short address', { contributor: new Uint8Array(19) }, /"contributor" does not have 20 bytes/],
    ['a licence that is none', { licence: { ...TERMS.licence, spdx: 'as you like!' } }, /no SPDX expression/],
    ['no rows', { stats: { rows: 0, bytes: 1 } }, /"stats.rows" is not a whole number/],
    ['more rows than the registry counts', { stats: { rows: 2 ** 24, bytes: 1 } }, /from 1 to 16777215/],
    ['rows that do not add up', { stats: { ...contribution.stats, rows: 299 } }, /has 300 rows/],
    ['a time beyond time', { createdAt: 253_402_300_800 }, /"createdAt" is not a whole number/],
    ['half a signature', { signature: new Uint8Array(64) }, /"signature" does not have 65 bytes/],
  ])('%s is refused', (_, change, message) => {
    const { bytes } = cborBlock({ ...object, ...change }, digester);
    expect(() => parseContribution(bytes, 'block')).toThrow(message);
  });

  it('a block that is too large is refused before it is parsed', () => {
    expect(() => parseContribution(new Uint8Array((1 << 20) + 1), 'block')).toThrow('a contribution has at most');
  });

  it('any bytes give a contribution or an error', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.nat(sound.length - 1), fc.nat(255))
        .map(([where, value]) => Uint8Array.from(sound, (byte, at) => (at === where ? value : byte))),
      fc.nat(sound.length - 1).map((end) => sound.subarray(0, end)),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          const parsed = parseContribution(input, 'block');
          expect(toHex(encodeContribution(parsed, digester).bytes)).toBe(toHex(input));
        } catch (error) {
          if (!(error instanceof PayableError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
