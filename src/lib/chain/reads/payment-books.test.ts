// Logs of payments fold into the pots and totals of the contracts, and logs of which a part was moved, left out, repeated or
// invented are refused.

import { numberToHex, type Address, type Hash, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { addRecord, chainLines, packRecordTerms, ZERO_WORD, type PaidLine } from '#lib/formats/payment/pot.ts';
import { foldPayments, type PaymentEvent } from './payment-books.ts';

const word = (digit: string): Hex => `0x${digit.repeat(64)}`;
const node: Address = `0x${'a1'.repeat(20)}`;
const other: Address = `0x${'b2'.repeat(20)}`;
const version = (7n << 32n) | 2n;
const [first, second] = [word('1'), word('2')] as [Hash, Hash];

const line = (receipts: string, amountWei: bigint, calls = 1): PaidLine => ({
  receipts: word(receipts),
  amountWei,
  calls,
});
const redeemed = (hash: Hash, ...lines: PaidLine[]): PaymentEvent => ({
  eventName: 'Redeemed',
  args: {
    node,
    lines: lines.flatMap(({ receipts, amountWei, calls }) => [
      numberToHex((version << 128n) | (amountWei << 32n) | BigInt(calls), { size: 32 }),
      receipts,
    ]),
  },
  hash,
});
const recordOf = (...lines: PaidLine[]) => ({
  lines: chainLines(lines),
  terms: packRecordTerms({ lines: lines.length, time: 1_700_000_000, keepWei: 1n, poolWei: 50n }),
  gross: lines.reduce((sum, { amountWei }) => sum + amountWei, 0n),
});
const booked = (hash: Hash, record: ReturnType<typeof recordOf>): PaymentEvent => ({
  eventName: 'Booked',
  args: { node, version, record },
  hash,
});
const split = (hash: Hash, gross: bigint, calls: bigint, data = 80n): PaymentEvent => ({
  eventName: 'Split',
  args: { node, version, gross, calls, data },
  hash,
});
const invoked = (hash: Hash, amount: bigint): PaymentEvent => ({
  eventName: 'Invoked',
  args: { node, version, amount },
  hash,
});
const sealed = (hash: Hash, id: bigint, pot: Hex): PaymentEvent => ({
  eventName: 'Sealed',
  args: { id, node, version, pot },
  hash,
});
const handedOver = (hash: Hash, amount: bigint): PaymentEvent => ({ eventName: 'HandedOver', args: { amount }, hash });

const [a, b, c] = [line('c', 100n, 2), line('d', 200n), line('e', 300n, 4)];
/** Two vouchers redeemed at once, then a third. */
const EVENTS: PaymentEvent[] = [
  redeemed(first, a),
  redeemed(first, b),
  booked(first, recordOf(a, b)),
  split(first, 300n, 3n),
  redeemed(second, c),
  booked(second, recordOf(c)),
  split(second, 300n, 4n),
];

describe('payments', () => {
  it('fold into the pot with its records and lines, and what contributors are owed', () => {
    const { payments, pots, owedWei, isHandedOver } = foldPayments(EVENTS);
    expect(payments).toMatchObject([
      { node, model: 7n, version: 2, calls: 3n, grossWei: 300n, dataWei: 80n, poolWei: 50n, keepWei: 1n, hash: first },
      { calls: 4n, hash: second },
    ]);
    expect([owedWei, isHandedOver]).toEqual([162n, false]);
    const pot = addRecord(addRecord(ZERO_WORD, recordOf(a, b)), recordOf(c));
    expect(pots).toEqual([
      {
        ...{ id: null, node, model: 7n, version: 2, word: pot },
        redemptions: [
          { record: recordOf(a, b), lines: [a, b], hash: first },
          { record: recordOf(c), lines: [c], hash: second },
        ],
      },
    ]);
  });

  it('after a seal begin the next pot, and what was handed over is owed no more', () => {
    const word1 = addRecord(ZERO_WORD, recordOf(a, b));
    const third = word('3');
    const events = [
      ...EVENTS.slice(0, 4),
      sealed(third, 5n, word1),
      handedOver(third, 81n),
      ...EVENTS.slice(4),
      handedOver(word('4'), 81n),
    ];
    const { pots, owedWei, isHandedOver } = foldPayments(events);
    expect(pots.map(({ id, word: kept }) => [id, kept])).toEqual([
      [5n, word1],
      [null, addRecord(ZERO_WORD, recordOf(c))],
    ]);
    expect([owedWei, isHandedOver]).toEqual([0n, true]);
  });

  it('that fill a pot are owed after the pot was handed over within their redemption', () => {
    const full = addRecord(ZERO_WORD, recordOf(a, b));
    const events = [
      ...EVENTS.slice(0, 4),
      redeemed(second, c),
      sealed(second, 1n, full),
      handedOver(second, 81n),
      booked(second, recordOf(c)),
      split(second, 300n, 4n),
    ];
    expect(foldPayments(events)).toMatchObject({ owedWei: 81n, isHandedOver: true });
  });

  it('of single calls have no record, and all of the part for contributors is flat', () => {
    const { payments, pots } = foldPayments([split(first, 9n, 1n, 4n), invoked(first, 9n)]);
    expect(payments).toMatchObject([{ grossWei: 9n, dataWei: 4n, poolWei: 0n, keepWei: 0n }]);
    expect(pots).toEqual([]);
  });
});

describe('logs are refused', () => {
  const changed = (at: number, args: object): PaymentEvent[] =>
    EVENTS.map((event, place) => (place === at ? { ...event, args: { ...event.args, ...args } } : event));
  const third = word('3');
  it.each<[string, PaymentEvent[]]>([
    ['without a voucher', EVENTS.filter((_, at) => at !== 1)],
    ['with vouchers in another order', [EVENTS[1]!, EVENTS[0]!, ...EVENTS.slice(2)]],
    ['with a voucher twice', [EVENTS[0]!, ...EVENTS]],
    ['with lines of another transaction', changed(0, EVENTS[4]!.args)],
    ['with other receipts', changed(0, redeemed(first, { ...a, receipts: word('f') }).args)],
    [
      'with an amount moved between vouchers',
      [redeemed(first, { ...a, amountWei: 101n }), redeemed(first, { ...b, amountWei: 199n }), ...EVENTS.slice(2)],
    ],
    ['with half a line', changed(0, { lines: [word('1')] })],
    ['with a voucher of another node', changed(0, { node: other })],
    ['with a record of another node', changed(2, { node: other })],
    ['with a split of another gross', changed(3, { gross: 301n })],
    ['with a split of another number of calls', changed(3, { calls: 4n })],
    ['with a pool that contributors do not get', changed(3, { data: 49n })],
    ['without a split', EVENTS.filter((_, at) => at !== 3)],
    ['with a record twice', [...EVENTS.slice(0, 3), EVENTS[2]!, ...EVENTS.slice(3)]],
    ['with a call that nothing was split for', [...EVENTS, invoked(third, 9n)]],
    ['with a call of another amount', [...EVENTS, split(third, 9n, 1n), invoked(third, 10n)]],
    ['with a split that nothing paid', [...EVENTS, split(third, 9n, 1n)]],
    ['with a pot that its records do not make', [...EVENTS, sealed(third, 1n, word('9'))]],
    [
      'with a hand-over of another amount',
      [
        ...EVENTS,
        handedOver(third, 162n),
        ...EVENTS.slice(4).map((event) => ({ ...event, hash: word('4') })),
        handedOver(word('5'), 80n),
      ],
    ],
  ])('%s', (_what, events) => {
    expect(() => foldPayments(events)).toThrow(expect.objectContaining({ code: 'chain/payments-incomplete' }));
  });
});
