// A true receipt is true; every field, share, row and byte that is changed is found, and the reason is the right one.

import { decode, encode } from '@ipld/dag-cbor';
import { describe, expect, it } from 'vitest';
import { toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { createRng } from '#lib/core/rng.ts';
import {
  parseAnswerReceipt,
  buildEntryTree,
  vectorHashOf,
  type AnswerReceipt,
} from '#lib/formats/payment/answer-receipt.ts';
import { packEntry, readEntry } from '#lib/formats/payment/call-rule.ts';
import { commitInfluenceRows } from '#lib/formats/payment/influence.ts';
import type { FiledRow } from '#lib/formats/payment/influence-file.ts';
import {
  checkAttributionRoot,
  checkCosts,
  checkEntries,
  checkVector,
  sharesOfPart,
} from '#lib/settlement/check-receipt.ts';
import { digester, packRows } from '#tests/support/datanets.ts';
import { makePinnedReceipt, PINNED } from '#tests/support/pinned-receipt.ts';
import {
  createReceiptWorld,
  fileInfluence,
  nodeAccount,
  receiptBlock,
  receiptRows,
  REVEALED,
  signReceipt,
} from '#tests/support/receipt-world.ts';
import { verifyReceipt, type VerifyReceiptEvent, type VerifyReceiptInput } from './verify-receipt.ts';

const { open, source } = await packRows(receiptRows(15), { datanet: `31337:0x${'cd'.repeat(20)}:7` });
const put = ({ cid, bytes }: { cid: { toString(): string }; bytes: Uint8Array }) =>
  void source.blocks.set(cid.toString(), bytes);
const world = await createReceiptWorld(open, source, put, digester);
const receipt = await world.answer();
const bytes = receiptBlock(receipt);
const signal = new AbortController().signal;

async function verify(input: VerifyReceiptInput): Promise<VerifyReceiptEvent[]> {
  const events: VerifyReceiptEvent[] = [];
  for await (const event of verifyReceipt({ source, digester }, input, { signal })) events.push(event);
  return events;
}

/** The verdict, and the check that decided it. */
async function judge(given: Uint8Array | AnswerReceipt, rest: Partial<VerifyReceiptInput> = {}): Promise<string> {
  const events = await verify({ receipt: given instanceof Uint8Array ? given : receiptBlock(given), ...rest });
  const end = events.at(-1)!;
  const reason = events.find((event) => event.type === 'differs' || event.type === 'open');
  return `${end.type === 'verdict' ? end.verdict : 'no verdict'}${reason && 'check' in reason ? ` ${reason.check}` : ''}`;
}

describe('a true receipt', () => {
  it('is computed again from content ids alone', async () => {
    const events = await verify({ receipt: bytes });
    expect(events.filter(({ type }) => type === 'holds').map((event) => 'check' in event && event.check)).toEqual([
      ...['form', 'vector', 'attribution', 'vector', 'attribution', 'cost', 'signature'],
      ...['artefact', 'rho', 'lift', 'rows', 'clusters', 'shares', 'rho'],
    ]);
    expect(events.at(-1)).toEqual({ type: 'verdict', verdict: 'true' });
    const [first] = events;
    const stored = first?.type === 'receipt' ? first.cid : '';
    source.blocks.set(stored, bytes);
    expect(await verify({ receipt: open.cid })).toContainEqual({ type: 'verdict', verdict: 'false' });
  });

  it('gives every wei of its cost to one place, and its shares add up to 10,000', () => {
    let given = 0n;
    for (const part of receipt.parts) {
      const { split, shares, restWei } = sharesOfPart(part);
      const paid = shares.reduce((sum, { amountWei }) => sum + amountWei, 0n);
      expect(paid + restWei).toBe(split.poolWei);
      if (shares.length > 0) expect(shares.reduce((sum, { shareBps }) => sum + shareBps, 0)).toBe(10_000);
      given += split.feeWei + split.keepWei + split.devWei + split.nodeWei + split.dataWei;
    }
    expect(given).toBe(receipt.costWei);
    expect(receipt.parts[0]!.entries.length).toBeGreaterThan(3);
    expect([checkVector, checkAttributionRoot].map((check) => check(receipt.parts[0]!))).toEqual([null, null]);
    expect([checkCosts(receipt), checkEntries(receipt.parts[0]!, world.part.influence!.known)]).toEqual([null, null]);
  });

  it('has no influence when the adapter did not cause the answer', async () => {
    const weak = await world.answer({ liftMillinats: 80 });
    expect(weak.parts[0]).toMatchObject({ vector: null, entries: [] });
    expect(await judge(weak)).toBe('true');
    // A node that pays rows for it all the same.
    expect(await judge(await signReceipt({ ...receipt, liftMillinats: 80 }))).toBe('false lift');
  });

  it('may be free, without a chain', async () => {
    const parts = [{ ...world.part, modelId: 0, version: 0, weightBps: 10_000, vector: world.vector() }];
    const free = await world.answer({ chain: null, costWei: 0n, parts }, []);
    expect(free.parts[0]!.entries.length).toBeGreaterThan(0);
    expect(await judge(free)).toBe('true');
  });

  it('stays open while a block is missing or was changed on its way', async () => {
    const kept = source.blocks.get(open.cid.toString())!;
    source.blocks.delete(open.cid.toString());
    expect(await judge(bytes)).toBe('incomplete rows');
    source.blocks.set(open.cid.toString(), kept.slice(1));
    expect(await judge(bytes)).toBe('incomplete rows');
    source.blocks.set(open.cid.toString(), kept);
  });
});

/** Every value in a receipt's block, with a function that changes it. */
type Place = { path: string; change: (value: never) => unknown };

function places(value: unknown, path = ''): Place[] {
  if (value instanceof Uint8Array) {
    const flipped = (at: number) => ({
      path: `${path}:${at}`,
      change: (whole: Uint8Array) => whole.map((byte, index) => (index === at ? byte ^ 1 : byte)),
    });
    return [0, value.length >> 1, value.length - 1].map(flipped);
  }
  if (typeof value === 'number') return [{ path, change: (number: number) => number + 1 }];
  if (typeof value === 'string') return [{ path, change: (text: string) => `${text}x` }];
  if (value === null) return [{ path, change: () => new Uint8Array(258) }];
  const list = Array.isArray(value);
  const inside = Object.entries(value as object).flatMap(([name, one]) =>
    places(one, list ? `${path}[${name}]` : `${path}.${name}`),
  );
  return list && value.length > 0
    ? [...inside, { path: `${path}[last]`, change: (all: unknown[]) => all.slice(0, -1) }]
    : inside;
}

function changed(path: string, change: Place['change']): Uint8Array {
  const whole: unknown = decode(bytes);
  const names = [...path.replace(/:\d+$|\[last\]$/, '').matchAll(/[^.[\]]+/g)].map(([name]) => name);
  const last = names.pop()!;
  const holder = names.reduce<Record<string, unknown>>(
    (at, name) => at[name] as Record<string, unknown>,
    whole as never,
  );
  holder[last] = change(holder[last] as never);
  return encode(whole);
}

const ALL = places(decode(bytes));

/** By the place of a change, the check that finds it; the first that fits. */
const EXPECTED: [RegExp, string][] = [
  [/kind|weight|terms.(dev|data|node)$|parts\[last\]|signature:64/, 'false form'],
  [/parts\[1\]\.vector/, 'false form'],
  [/\.vector|query/, 'false vector'],
  [/attribution|entries\[\d+\]:31|entries\[last\]/, 'false attribution'],
  // The order of clusters may break.
  [/entries/, 'false (attribution|form)'],
  [/cost/, 'false cost'],
  // The accepted form of a signature may break.
  [/signature/, 'false (signature|form)'],
  [/./, 'false signature'],
];

describe('a receipt with one change', () => {
  it('anywhere is false, for the right reason', async () => {
    expect(ALL.length).toBeGreaterThan(90);
    for (const { path, change } of ALL) {
      const right = EXPECTED.find(([where]) => where.test(path))![1];
      expect(`${path} ${await judge(changed(path, change))}`).toMatch(
        new RegExp(`^${path.replace(/[.[\]]/g, '\\$&')} ${right}$`),
      );
    }
  });

  it('of any byte is false', async () => {
    const rng = createRng(5);
    for (let at = 0; at < bytes.length; at++) {
      const other = bytes.slice();
      other[at]! ^= 1 << rng.below(8);
      expect(`${at} ${await judge(other)}`).toMatch(/ false /);
    }
  });

  it('that ends early or late is false', async () => {
    for (const other of [bytes.slice(0, -1), Uint8Array.of(...bytes, 0), new Uint8Array(0), new Uint8Array(40_000)]) {
      expect(await judge(other)).toBe('false form');
    }
  });
});

/** What a node could sign: hashes follow from the changed values. */
const lie = async (change: Partial<AnswerReceipt['parts'][number]>, rest: Partial<AnswerReceipt> = {}) => {
  const [first, ...more] = receipt.parts;
  const part = { ...first!, ...change };
  const hashes = { query: vectorHashOf(part.vector), attribution: buildEntryTree(part.entries).root };
  return signReceipt({ ...receipt, parts: [{ ...part, ...hashes }, ...more], ...rest });
};

const STRANGER: Hex = `0x${'ee'.repeat(20)}`;

describe('a node that signs something false', () => {
  const [part] = receipt.parts;
  const entries = part!.entries;
  it.each([
    ['a part of a weight', entries.map((entry, at) => (at === 1 ? { ...entry, weight: entry.weight + 1 } : entry))],
    ['another account', entries.map((entry, at) => (at === 0 ? { ...entry, account: STRANGER } : entry))],
    ['another row', entries.map((entry, at) => (at === 0 ? { ...entry, row: entry.row + 1 } : entry))],
    ['a share less', entries.slice(1)],
    ['a share more', [...entries, { ...entries[0]!, cluster: 4_000_000_000 }]],
    ['no share', []],
  ])('in its shares is found by the rule: %s', async (_what, other) => {
    expect(await judge(await lie({ entries: other }))).toBe('false shares');
  });

  it('about vector, share of influence, cost or signer is found', async () => {
    const vector = part!.vector!.map((byte, at) => (at === 9 ? byte ^ 0x40 : byte));
    expect(await judge(await lie({ vector }))).toBe('false shares');
    expect(await judge(await lie({ terms: { ...part!.terms, rhoBps: 5_999 } }))).toBe('false rho');
    expect(await judge(await lie({ costWei: part!.costWei + 1n }))).toBe('false cost');
    expect(await judge(await lie({}, { node: STRANGER }))).toBe('false signature');
    expect(await judge({ ...receipt, signature: null })).toBe('false signature');
    expect(await judge(await lie({ artefact: `0x${'ee'.repeat(32)}` }))).toBe('incomplete artefact');
    // A block that is no file of influence.
    expect(await judge(await lie({ artefact: toHex(open.cid.multihash.digest) }))).toBe('false artefact');
  });
});

describe('a file of influence with one change', () => {
  const paid = receipt.parts[0]!.entries[2]!.row;
  const filed = async (change: Partial<FiledRow>, row = paid, isRooted = true): Promise<string> => {
    const rows = world.rows.map((one, at) => (at === row ? { ...one, ...change } : one));
    const root = isRooted ? commitInfluenceRows(rows).root : world.head.root;
    return judge(await lie({ artefact: fileInfluence({ ...world.head, root }, rows, digester, put) }));
  };

  it.each<[keyof FiledRow, string, (row: FiledRow) => Partial<FiledRow>]>([
    ['rowLeaf', 'rows', () => ({ rowLeaf: `0x${'12'.repeat(32)}` })],
    ['contributor', 'rows', () => ({ contributor: `0x${'99'.repeat(20)}` })],
    ['datanet', 'rows', () => ({ datanet: 8n })],
    ['version', 'rows', () => ({ version: 2 })],
    ['cluster', 'clusters', ({ cluster }) => ({ cluster: cluster + 1 })],
    ['scale', 'clusters', ({ scale }) => ({ scale: scale + 1 })],
    ['ownScale', 'clusters', ({ ownScale }) => ({ ownScale: ownScale + 1 })],
    ['vector', 'shares', ({ vector }) => ({ vector: vector.map((value, at) => (at === 0 ? value ^ 0x40 : value)) })],
  ])('of the %s of any row is found at %s', async (field, check, change) => {
    for (const [at, row] of world.rows.entries()) {
      const isPaid = receipt.parts[0]!.entries.some((entry) => entry.row === at);
      const found = await filed(change(row), at);
      // What is cut to nothing stays nothing.
      if (field === 'ownScale' && row.scale === 0) expect(found).toBe('true');
      else if (field !== 'vector') expect(`${at} ${found}`).toBe(`${at} false ${check}`);
      // That of a row that is not paid need not matter, and that of a first row decides about its copy.
      else if (isPaid) expect(found).toMatch(/^false (shares|clusters)$/);
    }
    if (field !== 'ownScale') expect(await filed(change(world.rows[paid]!), paid, false)).toBe('false artefact');
  });

  it('of its committed values is found', async () => {
    const head = async (change: object) =>
      judge(await lie({ artefact: fileInfluence({ ...world.head, ...change }, world.rows, digester, put) }));
    expect(await head({ threshold: world.head.threshold + 1 })).toBe('false shares');
    expect(await head({ rhoBps: 1 })).toBe('false rho');
    expect(await head({ liftPerToken: 10_000 })).toBe('false lift');
    expect(await head({ cited: [] })).toBe('false rows');
    expect(await head({ cited: [{ ...world.head.cited[0]!, version: 9 }] })).toBe('false rows');
    expect(await head({})).toBe('true');
  });
});

describe('what a holder reveals', () => {
  it('is the question and answer of the receipt, or is named', async () => {
    expect(await judge(bytes, { revealed: REVEALED })).toBe('true');
    expect(await judge(bytes, { revealed: { output: REVEALED.output } })).toBe('true');
    const { input, output } = REVEALED;
    for (const other of [
      { ...input, text: 'Which bird?' },
      { ...input, tokens: [5] },
      { ...input, salt: output.salt },
    ]) {
      expect(await judge(bytes, { revealed: { input: other } })).toBe('false input');
    }
    expect(await judge(bytes, { revealed: { output: { ...output, text: `${output.text} ` } } })).toBe('false output');
  });
});

it('a receipt made in Node has the digests that Chromium gives it', async () => {
  const { cid, id, artefact, verdict } = await makePinnedReceipt();
  expect({ cid, id, artefact, verdict }).toEqual(PINNED);
});

it('an entry is packed as the contract packs it', () => {
  const [entry] = receipt.parts[0]!.entries;
  expect(readEntry(packEntry(entry!))).toEqual(entry);
  expect(uintBytes(packEntry(entry!), 32)).toHaveLength(32);
  expect(parseAnswerReceipt(bytes, 'it')).toEqual(receipt);
  expect(receipt.node).toBe(nodeAccount.address.toLowerCase());
});
