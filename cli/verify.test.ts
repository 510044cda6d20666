// `payable verify` as a stranger runs it: a receipt and CARs, nothing else.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compactSignature, voucherTypedData, type Voucher } from '#lib/chain/vouchers/voucher.ts';
import { encodeReceiptsText, linesOf, type ShownCalls } from '#lib/chain/vouchers/receipts-text.ts';
import { encodeVoucherText } from '#lib/chain/vouchers/voucher-text.ts';
import { cborCidOf, parseCid, type Block } from '#lib/formats/block/block.ts';
import { writeCar } from '#lib/formats/block/car.ts';
import { encodeRevealed } from '#lib/formats/payment/revealed-text.ts';
import { checkPayment } from '#lib/settlement/check-payment.ts';
import { callsOfReceipt, receiptDigest } from '#lib/settlement/receipt-digest.ts';
import { digester, packRows } from '#tests/support/datanets.ts';
import { payable } from '#tests/support/payable-command.ts';
import {
  createReceiptWorld,
  nodeAccount,
  payerAccount,
  receiptBlock,
  receiptRows,
  REVEALED,
} from '#tests/support/receipt-world.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-verify-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const at = (name: string) => join(scratch, name);

const { open, source } = await packRows(receiptRows(15), { datanet: `31337:0x${'cd'.repeat(20)}:7` });
const world = await createReceiptWorld(
  open,
  source,
  ({ cid, bytes }) => void source.blocks.set(cid.toString(), bytes),
  digester,
);
const receipt = await world.answer();
const bytes = receiptBlock(receipt);
const cid = cborCidOf(digester.sha256(bytes));
const proof: Block[] = [...source.blocks].map(([name, block]) => ({ cid: parseCid(name), bytes: block }));
const carOf = async (blocks: Block[]) => Buffer.concat(await Array.fromAsync(writeCar([cid], blocks)));
writeFileSync(at('receipt'), bytes);
writeFileSync(at('proof.car'), await carOf(proof));
writeFileSync(at('whole.car'), await carOf([{ cid, bytes }, ...proof]));

// The text of receipts lists a call once, so a blend is paid in two of them; this answer has one part.
const single = await world.answer({ parts: [{ ...world.part, weightBps: 10_000, vector: world.vector() }] });
writeFileSync(at('single'), receiptBlock(single));
const others: ShownCalls['calls'] = [
  { receipt: `0x${'77'.repeat(32)}`, vectorHash: `0x${'00'.repeat(32)}`, costWei: 5n },
];
const shown: ShownCalls[] = callsOfReceipt(single).map(({ call, ...line }) => ({
  ...line,
  calls: [...others.map((one) => ({ ...one, receipt: `0x${String(line.modelId).padStart(64, '7')}` as const })), call],
}));
const voucher: Voucher = { payer: payerAccount.address, node: nodeAccount.address, baseWei: 0n, lines: linesOf(shown) };
const signed = {
  ...voucher,
  ...compactSignature(await payerAccount.signTypedData(voucherTypedData(31_337, single.chain!.settlement, voucher))),
};
writeFileSync(at('receipts.json'), encodeReceiptsText(shown));
writeFileSync(at('voucher.json'), encodeVoucherText(signed));
writeFileSync(at('reveal.json'), encodeRevealed(REVEALED));

test('a true receipt leaves code 0, from a block with a CAR or from one CAR', async () => {
  const made = await payable('verify', at('receipt'), '--with', at('proof.car'));
  expect(made).toMatchObject({ code: 0, lines: [] });
  expect(made.out).toContain(`receipt ${receiptDigest(receipt)}\nblock ${cid.toString()}\n`);
  expect(made.out.trimEnd().split('\n').at(-1)).toBe('The receipt is true.');
  const whole = await payable(
    ...[
      'verify',
      at('single'),
      '--with',
      at('proof.car'),
      '--receipts',
      at('receipts.json'),
      '--voucher',
      at('voucher.json'),
    ],
    ...['--reveal', at('reveal.json'), '--json'],
  );
  expect([whole.code, whole.lines]).toEqual([0, []]);
  const { verdict, first, checks, parts } = JSON.parse(whole.out) as Record<string, never[]>;
  expect([verdict, first]).toEqual(['true', null]);
  expect(checks!.map(({ check }) => check)).toEqual(expect.arrayContaining(['payment', 'input', 'output', 'shares']));
  expect(parts).toHaveLength(1);
});

test('a false receipt leaves code 2 and names what differs first', async () => {
  writeFileSync(at('false'), receiptBlock({ ...receipt, time: receipt.time + 1 }));
  const { code, out, lines } = await payable('verify', at('false'), '--with', at('proof.car'), '--json');
  expect([code, lines]).toEqual([2, []]);
  expect(JSON.parse(out)).toMatchObject({ verdict: 'false', first: { check: 'signature' } });
  writeFileSync(at('text'), 'no receipt');
  expect(await payable('verify', at('text'))).toMatchObject({ code: 2, lines: [] });
  writeFileSync(at('other.json'), encodeRevealed({ output: { ...REVEALED.output, text: 'No.' } }));
  const said = await payable('verify', at('whole.car'), '--reveal', at('other.json'));
  expect([said.code, said.out]).toEqual([2, expect.stringContaining('FALSE      output')]);
});

test('a receipt without its blocks leaves code 3', async () => {
  const { code, out } = await payable('verify', at('receipt'));
  expect(code).toBe(3);
  expect(out).toContain('not known  artefact of part 0');
});

test('bad input leaves code 1 and one line', async () => {
  const cases: [string[], RegExp][] = [
    [[], /Which receipt/],
    [[at('nowhere')], /no such file|ENOENT/],
    [[at('receipt'), '--voucher', at('voucher.json')], /--voucher needs --receipts/],
    [[at('receipt'), '--reveal', at('receipts.json')], /is not payable\/revealed-answer/],
    [[`bafkrei${'a'.repeat(52)}`], /is the id of no receipt/],
    [[at('receipt'), '--with', at('receipt')], /the header ends before/],
  ];
  for (const [args, words] of cases) {
    const { code, lines } = await payable('verify', ...args);
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toMatch(words);
  }
});

test('a payment that is not for this receipt is named', () => {
  const one = (change: (line: ShownCalls) => ShownCalls) =>
    shown.map((line, index) => (index === 0 ? change(line) : line));
  const leaf = (change: object) =>
    one((line) => ({ ...line, calls: line.calls.map((call, index) => (index === 1 ? { ...call, ...change } : call)) }));
  const differ = (paid: readonly ShownCalls[], by: Partial<typeof signed> = {}) =>
    checkPayment(single, { shown: paid, voucher: { ...signed, ...by } });
  expect(differ(shown)).toBeNull();
  expect(checkPayment(single, { shown, voucher: null })).toBeNull();
  expect(differ(leaf({ receipt: `0x${'12'.repeat(32)}` }))).toContain('no leaf for this receipt');
  expect(differ(leaf({ vectorHash: `0x${'12'.repeat(32)}` }))).toContain('names another vector');
  expect(differ(leaf({ costWei: 1n }))).toContain('costs 1 wei');
  expect(differ(one((line) => ({ ...line, version: 9 })))).toContain('no leaf');
  expect(differ(shown, { payer: nodeAccount.address })).toContain('not of the payer');
  expect(differ(shown, { node: payerAccount.address })).toContain('not for the node');
  expect(differ(shown, { lines: voucher.lines.map((line) => ({ ...line, calls: 3 })) })).toContain('line 0');
  expect(differ(shown, { lines: [...voucher.lines, voucher.lines[0]!] })).toContain('2 lines');
  expect(checkPayment({ ...single, chain: null }, { shown, voucher: null })).toContain('free');
});
