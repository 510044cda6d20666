// Contributions compared with a version, and the resulting version: the first contributor is credited, and withdrawn rows are gone.

import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { encodeReview, parseReview, reviewTypedData, type Review } from '#lib/formats/datanet/review.ts';
import { encodeVersion, parseVersion, type Merged } from '#lib/formats/datanet/datanet-version.ts';
import {
  allRows,
  digester,
  memorySource,
  memorySpill,
  packRows,
  someRows,
  TERMS as VERSION_TERMS,
} from '#tests/support/datanets.ts';
import { compareContribution, type ComparedRow } from './compare-contribution.ts';
import { openContribution, type OpenContribution } from './contribution-reader.ts';
import { nextRows, type NextRows } from './next-rows.ts';
import { packContribution } from './pack-contribution.ts';
import { packVersion } from '#lib/dataset/pack-version.ts';
import { readRows } from '#lib/dataset/read-rows.ts';
import { recoverSigner } from '#lib/dataset/recover-signer.ts';
import { verifyVersion } from '#lib/dataset/verify-version.ts';
import { openVersion } from '#lib/dataset/version-reader.ts';

const people = [0x11, 0x22, 0x33].map((seed) => privateKeyToAccount(`0x${String(seed).padStart(2, '0').repeat(32)}`));
const [ada, ben] = people.map(({ address }) => address.toLowerCase() as Hex) as [Hex, Hex, Hex];
const DATANET = `31337:0x${'cd'.repeat(20)}:7`;

async function contributed(who: number, rows: readonly object[]): Promise<OpenContribution> {
  const source = memorySource();
  const account = people[who]!;
  const terms = {
    datanet: DATANET,
    contributor: account.address.toLowerCase() as Hex,
    licence: VERSION_TERMS.licence,
    createdAt: 1_700_000_000,
  };
  const text = new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const options = { name: 'x', digester, spill: memorySpill(), sign: account.signTypedData };
  const blocks = packContribution(readRows([text], 'x'), terms, options);
  let next = await blocks.next();
  for (; !next.done; next = await blocks.next()) source.blocks.set(next.value.cid.toString(), next.value.bytes);
  return openContribution(next.value.cid, source, digester);
}

const adas = (rows: readonly object[]) => rows.map((row) => ({ ...row, contributor: ada }));
const said = (id: string, text: string) => ({ id, text });
const LONG =
  'the quick brown fox jumps over the lazy dog and runs through the dark green forest until the morning comes';

async function compared(
  one: OpenContribution,
  version: Awaited<ReturnType<typeof packRows>> | null,
  earlier = [] as OpenContribution[],
) {
  const all: ComparedRow[] = [];
  for await (const rows of compareContribution(one, version?.open ?? null, { digester, earlier })) all.push(...rows);
  return Object.fromEntries(all.map(({ row, standing }) => [row.id, standing]));
}

async function assembled(input: NextRows) {
  const source = memorySource();
  const terms = { ...VERSION_TERMS, n: 2, parents: input.parent ? [input.parent.cid] : [], datanet: DATANET };
  const merged = input.taken.map(({ open }) => ({ contribution: toHex(open.cid.multihash.digest), review: null }));
  const blocks = packVersion(nextRows(input), { ...terms, merged }, { name: 'next', digester, spill: memorySpill() });
  let next = await blocks.next();
  for (; !next.done; next = await blocks.next()) source.blocks.set(next.value.cid.toString(), next.value.bytes);
  const open = await openVersion(next.value.cid, source, digester);
  await verifyVersion(open, digester);
  return { open, texts: (await allRows(open)).map((text) => JSON.parse(text) as { id: string; text: string }) };
}
const nothing: NextRows = { parent: null, taken: [], takenBack: [] };
const whole = (open: OpenContribution) => ({ open, rejected: new Set<Hex>() });

describe('a contribution beside the current version', () => {
  it('each row is new, the same, near, an edit or a conflict, with the first contributor', async () => {
    const version = await packRows([
      ...adas([said('a', LONG), said('c', 'Only here.')]),
      { ...said('b', 'Of Ben.'), contributor: ben },
    ]);
    const one = await contributed(1, [
      said('n1', 'Something nobody said before.'),
      said('n2', LONG),
      said('n3', `${LONG} again`),
      said('b', 'Of Ben, better.'),
      said('c', 'Taken from Ada.'),
    ]);
    const standings = await compared(one, version);
    expect(standings['n1']).toEqual({ kind: 'new' });
    expect(standings['n2']).toEqual({ kind: 'same', first: { id: 'a', contributor: ada } });
    expect(standings['n3']).toMatchObject({ kind: 'near', first: { id: 'a', contributor: ada } });
    expect(standings['b']).toMatchObject({ kind: 'edit', before: { id: 'b' } });
    expect(standings['c']).toMatchObject({ kind: 'conflict', before: { id: 'c' } });
  });

  it('the first contributor is credited, also among pending contributions', async () => {
    const first = await contributed(0, [said('x', LONG)]);
    const second = await contributed(1, [said('y', LONG), said('z', 'Fresh words of Ben.')]);
    expect(await compared(second, null)).toEqual({ y: { kind: 'new' }, z: { kind: 'new' } });
    const standings = await compared(second, null, [first]);
    expect(standings['y']).toEqual({ kind: 'same', first: { id: 'x', contributor: ada } });
    expect(standings['z']).toEqual({ kind: 'new' });
  });

  it('progress reaches its total, and an abort stops it', async () => {
    const version = await packRows(someRows(300));
    const one = await contributed(1, [said('n', 'Words.')]);
    const seen: [number, number][] = [];
    const options = { digester, onProgress: (...at: [number, number]) => void seen.push(at) };
    for await (const _ of compareContribution(one, version.open, options));
    expect(seen.at(-1)).toEqual([302, 302]);
    const gone = compareContribution(one, version.open, { digester, signal: AbortSignal.abort() });
    await expect(gone.next()).rejects.toThrow();
  });
});

describe('the next version', () => {
  it('holds the previous rows and the accepted ones, but no rejected rows', async () => {
    const { open: parent } = await packRows(adas([said('a', 'One.')]));
    const one = await contributed(1, [said('b', 'Two.'), said('c', 'Three.')]);
    const rows = await one.rows(one.shards[0]!);
    const rejected = new Set([toHex(rows.find(({ id }) => id === 'c')!.leaf)]);
    const { open, texts } = await assembled({ ...nothing, parent, taken: [{ open: one, rejected }] });
    expect(texts.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(open.contributors.map(({ address, rows: count }) => [address, count]).sort()).toEqual(
      [
        [ada, 1],
        [ben, 1],
      ].sort(),
    );
    expect(await open.merged()).toEqual([{ contribution: toHex(one.cid.multihash.digest), review: null }]);
  });

  it('contributors can change their own rows only', async () => {
    const { open: parent } = await packRows([
      ...adas([said('a', 'Ada’s.')]),
      { ...said('b', 'Ben’s.'), contributor: ben },
    ]);
    const one = await contributed(1, [said('a', 'Ben was here.'), said('b', 'Ben’s, better.')]);
    const again = await contributed(1, [said('b', 'Ben’s, best.')]);
    const late = await contributed(0, [said('b', 'Ada was here.')]);
    const { texts } = await assembled({ ...nothing, parent, taken: [one, again, late].map(whole) });
    expect(texts.map(({ text }) => text)).toEqual(['Ada’s.', 'Ben’s, best.']);
  });

  it('withdrawn rows are gone, whether or not the contribution’s blocks are available', async () => {
    const gone = await contributed(1, [said('b1', 'Back.'), said('b2', 'Back too.')]);
    const stands = await contributed(1, [said('b3', 'Stays.')]);
    const { open: parent } = await assembled({
      ...nothing,
      parent: (await packRows(adas([said('a', 'One.')]))).open,
      taken: [gone, stands].map(whole),
    });
    const rest = ['a', 'b3'];
    for (const open of [gone, null]) {
      const takenBack = [{ contributor: ben, open, standing: [whole(stands)] }];
      const { texts } = await assembled({ parent, taken: [], takenBack });
      expect(texts.map(({ id }) => id)).toEqual(rest);
    }
  });

  it('rows of a withdrawn contribution stay if another accepted contribution of the same contributor holds them', async () => {
    const gone = await contributed(1, [said('b1', 'Back.'), said('b2', 'Said again.'), said('b3', 'Refused later.')]);
    const again = await contributed(1, [said('b2', 'Said again.'), said('b3', 'Refused later.')]);
    const rows = await again.rows(again.shards[0]!);
    const rejected = new Set([toHex(rows.find(({ id }) => id === 'b3')!.leaf)]);
    const { open: parent } = await assembled({
      ...nothing,
      parent: (await packRows(adas([said('a', 'One.')]))).open,
      taken: [whole(gone)],
    });
    for (const open of [gone, null]) {
      const takenBack = [{ contributor: ben, open, standing: [{ open: again, rejected }] }];
      const { texts } = await assembled({ parent, taken: [], takenBack });
      expect(texts.map(({ id }) => id)).toEqual(['a', 'b2']);
    }
  });

  it('two curators build the same rows from the same input', async () => {
    const { open: parent } = await packRows(someRows(500));
    const taken = [
      await contributed(
        0,
        someRows(40, 900).map(({ id, text }) => ({ id, text })),
      ),
    ].map(whole);
    const [one, other] = [
      await assembled({ ...nothing, parent, taken }),
      await assembled({ ...nothing, parent, taken }),
    ];
    expect(one.open.version.rowRoot).toBe(other.open.version.rowRoot);
    expect(one.open.version.stats.rows).toBe(540);
  });

  it('lists the contributions that it holds: sorted, unique, and left out when there are none', async () => {
    const { version } = await packRows(someRows(3));
    const encoded = encodeVersion(version, digester);
    const two = ['22', '11'].map((byte): Merged => ({ contribution: `0x${byte.repeat(32)}`, review: null }));
    expect(() => parseVersion(encodeVersion({ ...version, merged: two }, digester).bytes, 'v')).toThrow('not sorted');
    const { bytes } = encodeVersion({ ...version, merged: two.toReversed() }, digester);
    expect(parseVersion(bytes, 'v').merged).toEqual(two.toReversed());
    expect(bytes.length).toBeGreaterThan(encoded.bytes.length);
    expect(parseVersion(encoded.bytes, 'v').merged).toEqual([]);
  });
});

describe('a review', () => {
  const review: Review = {
    datanet: DATANET,
    contribution: `0x${'aa'.repeat(32)}`,
    curator: ada,
    reasons: ['Repeats another row.', 'Not about birds.'],
    rejected: [
      { leaf: `0x${'01'.repeat(32)}`, reason: 1, first: null },
      { leaf: `0x${'02'.repeat(32)}`, reason: 0, first: 'row-7' },
    ],
    createdAt: 1_700_000_000,
    signature: null,
  };

  it('round-trips, and its signer is recovered', async () => {
    const signature = await people[0]!.signTypedData(reviewTypedData(review, digester));
    const signed = { ...review, signature };
    const { bytes } = encodeReview(signed, digester);
    expect(parseReview(bytes, 'r')).toEqual(signed);
    expect(await recoverSigner(reviewTypedData(signed, digester), signature)).toBe(ada);
    expect(await recoverSigner(reviewTypedData({ ...signed, reasons: ['x', 'y'] }, digester), signature)).not.toBe(ada);
  });

  it.each([
    ['rejected', { rejected: [...(review.rejected as [])].reverse() }],
    ['rejected', { rejected: [{ leaf: `0x${'01'.repeat(32)}`, reason: 2, first: null }] }],
    ['reasons', { reasons: [' '] }],
    ['datanet', { datanet: 'birds' }],
  ] as [string, Partial<Review>][])('a bad field %s is named', (field, change) => {
    expect(() => encodeReview({ ...review, ...change }, digester)).toThrow(field);
  });

  it('damaged bytes give an error', () => {
    const { bytes } = encodeReview(review, digester);
    for (let at = 0; at < bytes.length; at += 5) expect(() => parseReview(bytes.subarray(0, at), 'r')).toThrow();
  });
});
