// What a node makes of an answer: the shares that the rule gives, and none where the adapter did not cause it. The rows come from blocks.

import { describe, expect, it } from 'vitest';
import { toHex } from '#lib/core/bytes.ts';
import { encodeCallVector } from '#lib/formats/payment/call-vector.ts';
import { ZERO_WORD } from '#lib/formats/payment/pot.ts';
import { digester, packRows } from '#tests/support/datanets.ts';
import { createReceiptWorld, fileInfluence, receiptRows } from '#tests/support/receipt-world.ts';
import { buildReceipt, type AnsweredQuestion } from './build-receipt.ts';
import { passesLift } from './check-receipt.ts';
import { readInfluenceFile, traceInfluence } from './read-influence.ts';
import { createWeigher } from './weigh-call.ts';

const { open, source } = await packRows(receiptRows(15), { datanet: `31337:0x${'cd'.repeat(20)}:7` });
const put = ({ cid, bytes }: { cid: { toString(): string }; bytes: Uint8Array }) =>
  void source.blocks.set(cid.toString(), bytes);
const world = await createReceiptWorld(open, source, put, digester);
const reading = { source, digester };
const vector = world.vector();
const part = { ...world.part, weightBps: 10_000, vector };
const question: AnsweredQuestion = {
  ...{ chain: { chainId: 1, settlement: `0x${'5E'.repeat(20)}` }, payer: `0x${'A1'.repeat(20)}` },
  ...{ node: `0x${'b2'.repeat(20)}`, base: ZERO_WORD, engine: ZERO_WORD, input: ZERO_WORD, output: ZERO_WORD },
  ...{ inputTokens: 1, outputTokens: 10, liftMillinats: 201, time: 5, costWei: 1_000n, parts: [part] },
};

describe('the receipt of an answer', () => {
  it('has the entries that the rows weigh, and names in small letters', () => {
    const made = buildReceipt(question);
    const weigh = createWeigher(world.part.influence!.known);
    expect(made.parts[0]!.entries).toEqual(weigh(encodeCallVector(vector)));
    expect(made.parts[0]!.entries.length).toBeGreaterThan(3);
    expect([made.payer, made.chain!.settlement]).toEqual([`0x${'a1'.repeat(20)}`, `0x${'5e'.repeat(20)}`]);
    expect(made.signature).toBeNull();
  });

  it('shares the cost of a blend by weight, to the wei', () => {
    const other = { ...part, version: 3, weightBps: 3_333, vector: null };
    const { parts } = buildReceipt({ ...question, costWei: 1_001n, parts: [{ ...part, weightBps: 6_667 }, other] });
    expect(parts.map(({ costWei }) => costWei)).toEqual([667n, 334n]);
  });

  it('has no entries when the lift is not above the least for each token', () => {
    expect(passesLift(question, 20)).toBe(true);
    expect(passesLift({ ...question, liftMillinats: 200 }, 20)).toBe(false);
    expect(buildReceipt({ ...question, liftMillinats: 200 }).parts[0]).toMatchObject({ vector: null, entries: [] });
  });
});

describe('the influence of a version', () => {
  it('is read from blocks, with the content of every row', async () => {
    const file = await readInfluenceFile(world.artefact, reading);
    expect(file.rows).toEqual(world.rows);
    const { known, contentOf } = await traceInfluence(file, reading);
    expect(known.counts).toEqual(world.rows.map(() => true));
    const texts = world.rows.map((_, at) => contentOf(at)['text']);
    expect(new Set(texts)).toEqual(new Set(receiptRows(15).map((row) => 'text' in row && row.text)));
  });

  it('is refused when its rows do not make its root, or a Datanet is another', async () => {
    const { head, rows } = world;
    const forged = fileInfluence({ ...head, root: toHex(open.cid.multihash.digest) }, rows, digester, put);
    await expect(readInfluenceFile(forged, reading)).rejects.toThrow('do not make its root');
    const moved = fileInfluence({ ...head, cited: [{ ...head.cited[0]!, datanet: 8n }] }, rows, digester, put);
    const file = await readInfluenceFile(moved, reading);
    await expect(traceInfluence(file, reading)).rejects.toThrow('is not version 1 of Datanet 8');
  });
});
