// The format of a Datanet as described in docs/formats/datanet.md: a verifier written from that page reads our output, and the
// page's examples equal our current output. `WRITE_VECTORS=1` updates them.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { encode } from '@ipld/dag-cbor';
import { CID } from 'multiformats/cid';
import { hashTypedData } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it, test } from 'vitest';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { contributionTypedData } from '#lib/formats/datanet/contribution-signature.ts';
import { parseRow, rowId } from '#lib/formats/datanet/datanet-row.ts';
import { encodeVersion, type Contributor, type DatanetVersion } from '#lib/formats/datanet/datanet-version.ts';
import { versionTypedData } from '#lib/formats/datanet/version-signature.ts';
import { createRowTree } from '#lib/core/row-tree.ts';
import { packContribution } from '#lib/datanets/contributions/pack-contribution.ts';
import { readRows } from '#lib/dataset/read-rows.ts';
import { sharesRoot as ourSharesRoot } from '#lib/dataset/shares-root.ts';
import { addFile } from '#lib/ipfs/add-files.ts';
import { walkDag } from '#lib/ipfs/walk.ts';
import { digester, memorySpill, packRows, someRows } from '../support/datanets.ts';
import { memoryNode } from '../support/ipfs-node.ts';
import { readCar, sharesRoot, verify } from './stranger.ts';

const VECTORS = 'docs/formats/datanet-vectors.json';
const key: Hex = `0x${'11'.repeat(32)}`;
const account = privateKeyToAccount(key);
const author = account.address.toLowerCase() as Hex;
const datanet = `31337:0x${'cd'.repeat(20)}:7`;

type Blocks = Map<string, Uint8Array>;

async function signedVersion(rows: object[], datanetOrNone: string | null = datanet) {
  const packed = await packRows(rows, { datanet: datanetOrNone, author, readme: '# Rows\n' });
  const unsigned: DatanetVersion & { author: Hex } = { ...packed.version, author };
  const typedData = versionTypedData(unsigned, digester);
  const version = { ...unsigned, signature: await account.signTypedData(typedData) };
  const manifest = encodeVersion(version, digester);
  packed.source.blocks.set(manifest.cid.toString(), manifest.bytes);
  return { ...packed, version, manifest, typedData, blocks: packed.source.blocks as Blocks };
}

async function signedContribution(rows: object[]) {
  const blocks: Blocks = new Map();
  const terms = { datanet, contributor: author, createdAt: 1_700_000_000 };
  const licence = { spdx: 'CC-BY-4.0', commercial: true, derivative: true };
  const text = new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const options = { name: 'rows', digester, spill: memorySpill(), sign: account.signTypedData };
  const packing = packContribution(readRows([text], 'rows'), { ...terms, licence }, options);
  let next = await packing.next();
  for (; !next.done; next = await packing.next()) blocks.set(next.value.cid.toString(), next.value.bytes);
  return { ...next.value, blocks };
}

const leafOf = (n: number): Uint8Array => digester.sha256(Uint8Array.of(n));
function rootOf(count: number): Hex {
  const tree = createRowTree(digester);
  for (let n = 0; n < count; n++) tree.add(leafOf(n));
  return toHex(tree.root());
}

const ROWS = [
  '{"text": "a row without an id"}',
  '{"b": 1.0, "a": [1e21, 0.1, -0.0], "id": "fields are sorted"}',
  '{"id": 42, "text": "an id may be a number"}',
  '{"id": "\\u00e4", "\\u20ac": "\\ud83d\\ude00", "\\r": "\\u000f\\u007f\\"\\\\/"}',
  `{"id": "whose", "contributor": "0x${'AB'.repeat(20)}"}`,
];

async function makeVectors() {
  const rows = someRows(70);
  const version = await signedVersion(rows);
  const nameless = someRows(40).map(({ contributor: _, ...row }) => row);
  const contribution = await signedContribution(nameless);
  const contributors = [1, 2, 3].map((n): Contributor => ({
    address: `0x${String(n).repeat(40)}`,
    rows: n * 10,
    root: key,
  }));
  return {
    rows: ROWS.map((written) => {
      const { text, value } = parseRow(written, 'row');
      const leaf = digester.sha256(new TextEncoder().encode(text));
      return { written, canonical: text, leaf: toHex(leaf), id: rowId(value, leaf) };
    }),
    trees: [1, 2, 3, 5, 8].map((count) => ({ leaves: `sha2-256 of the bytes 0 … ${count - 1}`, root: rootOf(count) })),
    shares: {
      contributors: contributors.map(({ address, rows: count, root }) => ({ address, rows: count, root })),
      root: ourSharesRoot(contributors),
    },
    version: {
      rows,
      shards: version.shards.map(({ cid, ...shard }) => ({ cid: cid.toString(), ...shard })),
      rowRoot: version.version.rowRoot,
      sharesRoot: ourSharesRoot(version.contributors),
      privateKey: key,
      digest: hashTypedData(version.typedData),
      signature: version.version.signature,
      cid: version.manifest.cid.toString(),
      manifest: toHex(version.manifest.bytes),
    },
    contribution: {
      rows: nameless,
      rowRoot: contribution.contribution.rowRoot,
      privateKey: key,
      digest: hashTypedData(contributionTypedData(contribution.contribution, digester)),
      signature: contribution.contribution.signature,
      cid: contribution.cid.toString(),
      manifest: toHex(contribution.blocks.get(contribution.cid.toString())!),
    },
  };
}

it('has examples that equal our output', async () => {
  const vectors = await makeVectors();
  if (process.env['WRITE_VECTORS']) writeFileSync(VECTORS, `${JSON.stringify(vectors, null, 1)}\n`);
  expect(JSON.parse(readFileSync(VECTORS, 'utf8'))).toEqual(JSON.parse(JSON.stringify(vectors)));
});

describe('a verifier written from the page', () => {
  test.each(readdirSync('static/datanets').filter((name) => name.endsWith('.car')))('reads %s', async (name) => {
    const { root, blocks } = readCar(new Uint8Array(readFileSync(`static/datanets/${name}`)));
    expect((await verify(root, blocks)).ids.length).toBeGreaterThan(100);
  });

  test.each([
    ['one row', someRows(1)],
    ['many shards', someRows(3_000)],
    ['rows of every kind', ROWS.map((text) => JSON.parse(text) as object)],
    ['large rows, cut by bytes', someRows(40).map((row) => ({ ...row, text: 'x'.repeat(60_000) }))],
    [
      'contributors in pages',
      someRows(1_500).map((row, n) => ({ ...row, contributor: `0x${n.toString(16).padStart(40, '0')}` })),
    ],
    ['wide rows', [Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`f${n}`, n % 3 ? n : 'text']))]],
  ])('agrees on a version of %s', async (_what, rows) => {
    const made = await signedVersion(rows);
    const found = await verify(made.manifest.cid, made.blocks);
    expect(found).toMatchObject({
      shards: made.shards.length,
      rowRoot: made.version.rowRoot,
      sharesRoot: ourSharesRoot(made.contributors),
      signer: author,
    });
    expect(found.ids.length).toBe(made.version.stats.rows);
  });

  it('reads a version on no chain, a contribution, and files', async () => {
    const none = await signedVersion(someRows(3), null);
    expect((await verify(none.manifest.cid, none.blocks)).signer).toBe(author);
    const given = await signedContribution(someRows(50).map(({ contributor: _, ...row }) => row));
    expect(await verify(given.cid, given.blocks)).toMatchObject({
      signer: author,
      rowRoot: given.contribution.rowRoot,
    });
    const node = await memoryNode();
    const file = await addFile(node, new Uint8Array(1_500_000).fill(7));
    const row = { id: 'pictured', attachments: [{ cid: file.toString(), name: 'a.bin' }] };
    const pictured = await packRows([row], { files: new Map([[file.toString(), 1_500_000]]) });
    const blocks: Blocks = new Map(pictured.source.blocks);
    await expect(verify(pictured.cid, blocks)).rejects.toThrow('is missing');
    for await (const { cid, bytes } of walkDag((one) => node.blocks.read(one), [file]))
      blocks.set(cid.toString(), bytes);
    expect((await verify(pictured.cid, blocks)).ids).toEqual(['pictured']);
  });

  it('computes the same roots of shares', () => {
    for (const count of [0, 1, 2, 3, 5, 8, 13]) {
      const contributors = Array.from({ length: count }, (_, n): Contributor => ({
        address: `0x${(n + 1).toString(16).padStart(40, '0')}`,
        rows: n * n + 1,
        root: key,
      }));
      const bytesOf = (hex: Hex) => Buffer.from(hex.slice(2), 'hex');
      const theirs = contributors.map(({ address, rows, root }) => ({
        ...{ address: bytesOf(address), rows, root: bytesOf(root) },
      }));
      expect(sharesRoot(theirs)).toBe(ourSharesRoot(contributors));
    }
  });

  it('refuses every changed field, as we do', async () => {
    const made = await signedVersion(someRows(100));
    const forged = async (change: Partial<DatanetVersion>) => {
      const block = encodeVersion({ ...made.version, ...change }, digester);
      return verify(block.cid, new Map([...made.blocks, [block.cid.toString(), block.bytes]]));
    };
    const other: Hex = `0x${'22'.repeat(32)}`;
    const [first, ...rest] = made.shards;
    const signed: Partial<DatanetVersion>[] = [
      { createdAt: 1 },
      { author: `0x${'33'.repeat(20)}` },
      { signature: `0x${'44'.repeat(65)}` },
    ];
    const unsigned = [
      { rowRoot: other },
      { shards: rest },
      { shards: [{ ...first!, rowRoot: other }, ...rest] },
      { shards: [{ ...first!, firstKey: 'a' }, ...rest] },
      { contributors: made.contributors.slice(1) },
      { stats: { ...made.version.stats, columns: made.version.stats.columns.slice(1) } },
    ].map((change) => ({ ...change, signature: null }));
    for (const change of [...signed, ...unsigned]) await expect(forged(change)).rejects.toThrow();
    const bytes = encode({ nothing: true });
    const cid = CID.createV1(0x71, made.manifest.cid.multihash);
    await expect(verify(cid, new Map([[cid.toString(), bytes]]))).rejects.toThrow();
  });
});
