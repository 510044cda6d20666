// A version from rows and back: its content, the effect of an edit, proofs, and refusals.

import { encode } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it, test } from 'vitest';
import { rowOf } from '#lib/formats/datanet/datanet-row.ts';
import { encodeVersion, parseVersion, type DatanetVersion } from '#lib/formats/datanet/datanet-version.ts';
import { versionTypedData } from '#lib/formats/datanet/version-signature.ts';
import { verifyRowProof } from '#lib/core/row-tree.ts';
import type { Hex } from '#lib/core/bytes.ts';
import {
  allRows,
  digester,
  memorySpill,
  packRows,
  packText,
  someRows,
  type MemorySource,
  type Packed,
} from '#tests/support/datanets.ts';
import { diffVersions } from './diff-versions.ts';
import { proveRow } from './prove-row.ts';
import { openVersion } from './version-reader.ts';
import { verifyVersion } from './verify-version.ts';

const rows = someRows(1000);
const packed = await packRows(rows);
const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((one, at) => ({ one, key: (at * 7919) % 1009 }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one);

async function changes(before: Packed, after: Packed): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = { added: [], removed: [], edited: [] };
  for await (const { kind, id } of diffVersions(before.open, after.open)) found[kind]!.push(id);
  return found;
}

describe('packing', () => {
  it('returns every row, sorted and canonical, and verifies', async () => {
    const texts = await allRows(packed.open);
    expect(texts).toEqual(rows.map((row) => rowOf(row, 'row').text));
    expect(await verifyVersion(packed.open, digester)).toEqual({
      rows: 1000,
      shards: packed.shards.length,
      attachments: 0,
      missingFiles: 0,
      contributors: 10,
      signature: 'unsigned',
    });
    expect(packed.contributors.map((one) => one.rows)).toEqual(Array(10).fill(100));
    expect(packed.version.stats.bytes).toBe(texts.reduce((sum, text) => sum + text.length + 1, 0));
  });

  it('depends on the set of rows alone: not on order, spaces, spilled runs or repeated rows', async () => {
    const spaced = shuffled(rows)
      .map((row) => JSON.stringify(row, null, 1).replaceAll('\n', ' '))
      .join('\r\n');
    expect((await packText(`\uFEFF${spaced}`)).cid).toEqual(packed.cid);
    const spill = memorySpill();
    expect((await packRows(shuffled(rows), {}, { runBytes: 9_000, spill })).cid).toEqual(packed.cid);
    expect(spill.runs).toBeGreaterThan(10);
    const doubled = await packRows([...rows, ...shuffled(rows)], {}, { runBytes: 20_000 });
    expect([doubled.cid, doubled.duplicates]).toEqual([packed.cid, 1000]);
  });

  it('cuts shards by their rows, within bounds', () => {
    const counts = packed.shards.map((shard) => shard.rows);
    expect(counts.slice(0, -1).every((count) => count >= 32 && count <= 1024)).toBe(true);
    expect(new Set(counts).size).toBeGreaterThan(3);
  });

  it('keeps shards of large rows at most 1 MiB', async () => {
    const large = await packRows(
      Array.from({ length: 9 }, (_, n) => ({ id: `r${n}`, text: `${'x'.repeat(300_000)}${n}` })),
    );
    expect(large.shards.map((shard) => shard.rows)).toEqual([3, 3, 3]);
    await verifyVersion(large.open, digester);
    const whole = await packRows([{ text: 'x'.repeat(2 ** 20 - 1 - '{"text":""}'.length) }]);
    expect(whole.shards.map(({ bytes }) => bytes)).toEqual([2 ** 20]);
    await expect(packRows([{ text: 'x'.repeat(2 ** 20 - '{"text":""}'.length) }])).rejects.toThrow(
      'line 1: the row has',
    );
  });

  it('names rows without an id by their leaf', async () => {
    const one = await packRows([{ text: 'a' }, { id: 7, text: 'b' }, { id: null, text: 'c' }]);
    const proofs = await Promise.all([0, 1, 2].map((at) => proveRow(one.open, String(at), digester)));
    for (const { row, leaf } of proofs.filter(({ row: { value } }) => typeof value['id'] !== 'number')) {
      expect(row.id).toBe(leaf.slice(2, 34));
    }
    expect((await proveRow(one.open, '7', digester)).row.value).toEqual({ id: 7, text: 'b' });
  });

  it('holds an inferred or a given schema, and a readme', async () => {
    const one = await packRows([{ a: 1, b: 'x' }, { a: 'y' }], { readme: '# Rows\n' });
    const schema = JSON.parse(new TextDecoder().decode(await one.open.block(one.version.schema))) as object;
    expect(schema).toMatchObject({
      properties: { a: { type: ['string', 'number'] }, b: { type: 'string' } },
      required: ['a'],
    });
    expect(new TextDecoder().decode(await one.open.block(one.version.readme!))).toBe('# Rows\n');
    expect(one.version.stats.columns.map(({ name, rows: count }) => [name, count])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    const given = await packRows([{ a: 1 }], { schema: { type: 'object' } });
    expect(new TextDecoder().decode(await given.open.block(given.version.schema))).toBe('{"type":"object"}');
    await verifyVersion(given.open, digester);
  });

  it('pages long lists, and still verifies', async () => {
    const many = await packRows(
      Array.from({ length: 1500 }, (_, n) => ({
        id: n,
        text: `row ${n}`,
        contributor: `0x${n.toString(16).padStart(40, '0')}`,
      })),
    );
    expect(many.version.contributors).toHaveProperty('pages');
    expect(many.open.contributors).toHaveLength(1500);
    expect(await verifyVersion(many.open, digester)).toMatchObject({ contributors: 1500 });
  });

  test.each([
    ['no row', '\n \n', /rows.jsonl: there is no row/],
    [
      'two rows of one id',
      '{"id":"a","n":1}\n{"id":"b"}\n\n{"id":"a","n":2}',
      /lines 1 and 4: two different rows have the id "a"/,
    ],
    ['an id and a number that write alike', '{"id":"5"}\n{"id":5}', /lines 1 and 2: .* "5"/],
    ['a line that is no JSON', '{"a":1}\n{"a"', /rows.jsonl line 2: not valid JSON/],
    ['an id that is a list', '{"id":[]}', /line 1: field "id" is not a valid id/],
    ['an id of two lines', '{"id":"a\\nb"}', /line 1: field "id" is not a valid id/],
    ['an id without an end', `{"id":"${'a'.repeat(257)}"}`, /line 1: field "id" is not a valid id/],
    ['a contributor without an address', '{"contributor":"me"}', /line 1: field "contributor" is not an address/],
  ])('refuses %s', async (_, text, message) => {
    await expect(packText(text)).rejects.toThrow(message);
  });

  it('names the line that is not UTF-8', async () => {
    const { readRows } = await import('./read-rows.ts');
    const bytes = new Uint8Array(
      Buffer.concat([Buffer.from('{"a":1}\n{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n')]),
    );
    await expect(readRows([bytes], 'rows.jsonl').next()).rejects.toThrow(
      'rows.jsonl line 2: the text is not valid UTF-8',
    );
  });
});

describe('two versions', () => {
  it('differ by added, removed and edited rows, and by few blocks', async () => {
    const next = [...rows.filter((_, at) => at !== 500), { ...rows[0]!, id: 'row-000300b' }];
    next[20] = { ...next[20]!, text: 'Corrected.' };
    const after = await packRows(next, { n: 2, parents: [packed.cid] });
    expect(await changes(packed, after)).toEqual({
      added: ['row-000300b'],
      removed: ['row-000500'],
      edited: ['row-000020'],
    });
    const known = new Set(packed.shards.map(({ cid }) => cid.toString()));
    expect(after.shards.filter(({ cid }) => !known.has(cid.toString())).length).toBeLessThanOrEqual(6);
    const readBefore = after.source.read;
    await changes(packed, after);
    expect(after.source.read - readBefore).toBeLessThanOrEqual(6);
    await verifyVersion(after.open, digester);
  });

  it('differ as in a comparison of all rows', async () => {
    const row = fc.record({ id: fc.integer({ min: 0, max: 400 }), n: fc.integer({ min: 0, max: 1 }) });
    const set = fc.uniqueArray(row, { selector: ({ id }) => id, minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(set, set, async (a, b) => {
        const of = (list: typeof a) => new Map(list.map(({ id, n }) => [String(id), n]));
        const [before, after] = [of(a), of(b)];
        const sorted = (ids: string[]) => ids.sort();
        expect(await changes(await packRows(a), await packRows(b))).toEqual({
          added: sorted([...after.keys()].filter((id) => !before.has(id))),
          removed: sorted([...before.keys()].filter((id) => !after.has(id))),
          edited: sorted([...after.keys()].filter((id) => before.has(id) && before.get(id) !== after.get(id))),
        });
      }),
      { numRuns: 25 },
    );
  });
});

describe('a proof', () => {
  it('exists for each row, by position and by id', async () => {
    for (const at of [0, 1, 31, 32, 500, 998, 999]) {
      const byPlace = await proveRow(packed.open, String(at), digester);
      expect(verifyRowProof(packed.version.rowRoot, byPlace.leaf, byPlace.siblings)).toBe(true);
      expect([byPlace.index, byPlace.root]).toEqual([at, packed.version.rowRoot]);
      expect(await proveRow(packed.open, rows[at]!.id, digester)).toEqual(byPlace);
    }
    expect(verifyRowProof(packed.version.rowRoot, `0x${'11'.repeat(32)}`, [])).toBe(false);
  });

  it('equals the one in contracts/test/unit/RowProof.t.sol', async () => {
    const { open } = await packRows(
      someRows(200).map(({ n }) => ({ id: `row-${String(n).padStart(3, '0')}`, text: `Row ${n}` })),
    );
    const { row, root, siblings } = await proveRow(open, 'row-123', digester);
    expect(row.text).toBe('{"id":"row-123","text":"Row 123"}');
    expect(root).toBe('0xc018c593426646c83697f72c23b9915555908d26b3f824394b424d23ee47751d');
    expect([siblings.length, siblings.at(-1)]).toEqual([
      8,
      '0xac2117fa42a4d56b8def58d0a6b64eab1f5e0ba1b7f7c3b56771cb77880468ba',
    ]);
  });

  test.each(['1000', '-1', 'row', ''])('is refused for "%s"', async (name) => {
    await expect(proveRow(packed.open, name, digester)).rejects.toThrow(`no row "${name}"`);
  });
});

describe('a signature', () => {
  const key = privateKeyToAccount(`0x${'42'.repeat(32)}`);
  const author = key.address.toLowerCase() as Hex;
  const resealed = async (version: DatanetVersion) => {
    const block = encodeVersion(version, digester);
    packed.source.blocks.set(block.cid.toString(), block.bytes);
    return openVersion(block.cid, packed.source, digester);
  };

  test('names a chain by its exact id, beyond the range of numbers', async () => {
    const on = (chain: string) => ({ ...packed.version, datanet: `${chain}:0x${'ab'.repeat(20)}:7`, author });
    const [given, next] = ['9007199254740993', '9007199254740992'].map((chain) =>
      versionTypedData(on(chain), digester),
    );
    expect([given?.domain, next?.domain].map((domain) => domain && 'chainId' in domain && domain.chainId)).toEqual([
      9007199254740993n,
      9007199254740992n,
    ]);
    expect(await key.signTypedData(given!)).not.toBe(await key.signTypedData(next!));
  });

  test.each([null, `31337:0x${'ab'.repeat(20)}:7`])('by its author is valid, Datanet %s', async (datanet) => {
    const unsigned = { ...packed.version, datanet, author };
    const signature = await key.signTypedData(versionTypedData(unsigned, digester));
    expect(await verifyVersion(await resealed({ ...unsigned, signature }), digester)).toMatchObject({
      signature: 'valid',
    });
    await expect(
      resealed({ ...unsigned, createdAt: 1, signature }).then((open) => verifyVersion(open, digester)),
    ).rejects.toThrow('it is signed by');
    await expect(
      resealed({ ...unsigned, signature: `0x${'00'.repeat(65)}` }).then((open) => verifyVersion(open, digester)),
    ).rejects.toThrow('signed by no account');
  });
});

/** The packed version with blocks and fields changed; hashes that refer to them are recomputed, as a forger would. */
async function forge(change: (version: DatanetVersion, source: MemorySource) => DatanetVersion) {
  const { source } = await packRows(rows);
  const block = encodeVersion(change(packed.version, source), digester);
  source.blocks.set(block.cid.toString(), block.bytes);
  return verifyVersion(await openVersion(block.cid, source, digester), digester);
}

describe('a forged version', () => {
  const shards = packed.shards;
  const other: Hex = `0x${'22'.repeat(32)}`;
  const withShard = (at: number, fields: object) => (version: DatanetVersion) => ({
    ...version,
    shards: shards.map((shard, index) => (index === at ? { ...shard, ...fields } : shard)),
  });

  test.each<[string, (version: DatanetVersion, source: MemorySource) => DatanetVersion, RegExp]>([
    ['another row root', (v) => ({ ...v, rowRoot: other }), /do not make its row root/],
    ['another root of a shard', withShard(1, { rowRoot: other }), /do not make its row root/],
    ['more rows in a shard', withShard(1, { rows: shards[1]!.rows + 1 }), /"stats.rows" says/],
    ['another first key', withShard(1, { firstKey: `${shards[1]!.firstKey}!` }), /it begins with/],
    ['shards in another order', (v) => ({ ...v, shards: [...shards].reverse() }), /not sorted by firstKey/],
    ['more columns', (v) => ({ ...v, stats: { ...v.stats, columns: [] } }), /stats.columns/],
    ['a contributor less', (v) => ({ ...v, contributors: packed.contributors.slice(1) }), /does not list/],
    [
      'a contributor’s row less',
      (v) => ({ ...v, contributors: packed.contributors.map((c) => ({ ...c, rows: 99 })) }),
      /100 rows, not 99/,
    ],
    [
      'a contributor’s other root',
      (v) => ({ ...v, contributors: packed.contributors.map((c) => ({ ...c, root: other })) }),
      /do not make its root/,
    ],
    ['a block changed', (v, s) => ((s.blocks.get(shards[2]!.cid.toString())![5]! ^= 1), v), /do not have the hash/],
    ['a block missing', (v, s) => (s.blocks.delete(shards[2]!.cid.toString()), v), /block bafkrei\w+ is missing/],
    ['its schema missing', (v, s) => (s.blocks.delete(v.schema.toString()), v), /is missing/],
  ])('is detected: %s', async (_, change, message) => {
    await expect(forge(change)).rejects.toThrow(message);
  });

  it('is detected: two shards joined, with consistent figures', async () => {
    const merged = await packRows(rows);
    const [first, second] = [shards[0]!, shards[1]!];
    const bytes = new Uint8Array(
      Buffer.concat([first, second].map(({ cid }) => merged.source.blocks.get(cid.toString())!)),
    );
    const { rawCidOf } = await import('#lib/formats/block/block.ts');
    const { createRowTree } = await import('#lib/core/row-tree.ts');
    const { fromHex, toHex } = await import('#lib/core/bytes.ts');
    const cid = rawCidOf(digester.sha256(bytes));
    const within = createRowTree(digester);
    for (const shard of [first, second]) for (const { leaf } of await merged.open.rows(shard)) within.add(leaf);
    const one = {
      cid,
      rows: within.count,
      bytes: bytes.length,
      firstKey: first.firstKey,
      rowRoot: toHex(within.root()),
    };
    const list = [one, ...shards.slice(2)];
    const top = createRowTree(digester);
    for (const { rowRoot } of list) top.add(fromHex(rowRoot));
    await expect(
      forge((version, source) => {
        source.blocks.set(cid.toString(), bytes);
        return { ...version, shards: list, rowRoot: toHex(top.root()) };
      }),
    ).rejects.toThrow(/goes on after row \d+, which ends a shard/);
  });
});

describe('the block of a version', () => {
  const fields = (): Record<string, unknown> => {
    const { merged: _merged, attachments: _attachments, ...version } = packed.version;
    const bytes = (hex: string) => Buffer.from(hex.slice(2), 'hex');
    return {
      ...version,
      kind: 'datanet/version@1',
      rowRoot: bytes(version.rowRoot),
      shards: packed.shards.map((shard) => ({ ...shard, rowRoot: bytes(shard.rowRoot) })),
      contributors: packed.contributors.map((one) => ({ ...one, address: bytes(one.address), root: bytes(one.root) })),
    };
  };

  it('round-trips', () => {
    const { bytes } = encodeVersion(packed.version, digester);
    expect(encodeVersion(parseVersion(bytes, 'v'), digester).bytes).toEqual(bytes);
    expect(encode(fields())).toEqual(bytes);
  });

  test.each<[string, unknown, RegExp]>([
    ['kind', 'datanet/version@2', /not a datanet\/version@1/],
    ['datanet', '1:0xAB:1', /"datanet" is not chain:contract:id/],
    ['n', 0, /"n" is not a whole number/],
    ['n', 2, /"parents" is empty in version 2/],
    ['n', 1.5, /"n" is not a whole number/],
    ['parents', [packed.cid.multihash.digest], /this is the first version/],
    ['parents', [1], /parents\[0\]/],
    ['parents', [packed.cid], /parents\[0\]/],
    ['parents', Array(9).fill(packed.cid.multihash.digest), /not a list of at most 8/],
    ['schema', packed.cid, /"schema" is not a content id of codec 0x55/],
    ['licence', { spdx: 'a b', commercial: true, derivative: true }, /no SPDX expression/],
    ['licence', { spdx: 'MIT', commercial: 1, derivative: true }, /"licence.commercial" is neither/],
    ['licence', { spdx: 'MIT', commercial: true }, /licence has no field "derivative"/],
    ['stats', { rows: 0, bytes: 1, columns: [] }, /"stats.rows" is not a whole number from 1/],
    ['stats', { ...packed.version.stats, more: 1 }, /stats has a field "more"/],
    ['shards', [], /"shards" has 0 rows/],
    ['shards', 'none', /shards is not a map/],
    ['shards', { pages: [] }, /lies in pages though/],
    ['rowRoot', new Uint8Array(31), /"rowRoot" does not have 32 bytes/],
    ['contributors', [{}], /contributors\[0\] has no field "address"/],
    ['readme', 'x', /"readme" is not a content id/],
    ['createdAt', -1, /"createdAt" is not a whole number/],
    ['author', new Uint8Array(21), /"author" does not have 20 bytes/],
    ['signature', new Uint8Array(65), /"signature" is there without an author/],
    ['extra', 1, /has a field "extra"/],
  ])('is refused when "%s" is %j', (name, value, message) => {
    expect(() => parseVersion(encode({ ...fields(), [name]: value }), 'v')).toThrow(message);
  });

  it('is refused when it is not dag-cbor, not canonical, or too large', () => {
    const { bytes } = encodeVersion(packed.version, digester);
    expect(() => parseVersion(new Uint8Array(0), 'v')).toThrow('it is empty');
    expect(() => parseVersion(bytes.subarray(0, -1), 'v')).toThrow('not valid dag-cbor');
    // A map of one entry whose key "a" has its length written in a byte of its own.
    expect(() => parseVersion(Uint8Array.of(0xa1, 0x78, 0x01, 0x61, 0x01), 'v')).toThrow('not valid dag-cbor');
    expect(() => parseVersion(new Uint8Array(2 ** 20 + 1), 'v')).toThrow('a version has at most');
    expect(() => parseVersion(encode([1]), 'v')).toThrow('not a map');
    const { kind: _, ...rest } = fields();
    expect(() => parseVersion(encode(rest), 'v')).toThrow('no field "kind"');
  });
});
