// A published file of receipts makes the pot that the chain has, and a damaged one is refused by the name of what is wrong.

import { encode } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { encodePotReceipts, parsePotReceipts } from '#lib/formats/payment/pot-receipts.ts';
import { createPotWorld, factsOf, randomRedemptions } from '#tests/support/pot-world.ts';
import { buildPot } from './build-pot.ts';
import { joinReceipts } from './join-receipts.ts';

const world = createPotWorld(8, { rows: 12, holders: 3, clusters: 5 });
const redemptions = randomRedemptions(world, [[5, 1], [2]]);
const onChain = redemptions.map(({ record, lines }) => ({
  record,
  lines: lines.map(({ receipts, amountWei, calls }) => ({ receipts, amountWei, calls })),
}));
const lines = redemptions.flatMap((one) => one.lines);
const file = encodePotReceipts(lines);
const parsed = () => parsePotReceipts(file, 'receipts');

it('a file and the chain make the pot', () => {
  const pot = buildPot(joinReceipts(onChain, parsed()), factsOf(redemptions), world.known);
  expect(pot.list).toEqual(buildPot(redemptions, factsOf(redemptions), world.known).list);
  expect(encodePotReceipts([...lines, ...lines])).toEqual(file);
});

it('a line of no calls needs no receipts, another does', () => {
  const [first] = onChain;
  const none = { receipts: first!.record.lines, amountWei: 0n, calls: 0 };
  expect(joinReceipts([{ ...first!, lines: [none] }], [])[0]!.lines[0]!.published).toEqual([]);
  expect(() => joinReceipts(onChain, parsed().slice(1))).toThrow('line 0 of redemption 0 are missing');
});

describe('a damaged file is refused', () => {
  const call = { receipt: new Uint8Array(32), vector: null, cost: new Uint8Array(12) };
  const withCall = (change: object) => ({
    kind: 'payable/pot-receipts@1',
    lines: [{ receipts: new Uint8Array(32), calls: [{ ...call, ...change }] }],
  });
  it.each([
    ['of another kind', { kind: 'payable/receipts@1', lines: [] }, 'field "kind" is not'],
    ['without lines', { kind: 'payable/pot-receipts@1', lines: {} }, 'is not a list'],
    ['with a short receipt', withCall({ receipt: new Uint8Array(31) }), 'lines[0].calls[0].receipt" does not have 32'],
    ['with a long vector', withCall({ vector: new Uint8Array(259) }), 'does not have 258 bytes'],
    ['with a wide cost', withCall({ cost: new Uint8Array(13) }), 'does not have 12 bytes'],
    ['with a field that is not known', withCall({ prompt: 'Hello' }), 'is not known'],
  ])('%s', (_what, value, words) => {
    expect(() => parsePotReceipts(encode(value), 'receipts')).toThrow(words);
  });

  it('at any byte, or it makes another pot', () => {
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = file.slice();
        damaged[at]! ^= flip;
        expect(() =>
          buildPot(joinReceipts(onChain, parsePotReceipts(damaged, 'receipts')), factsOf(redemptions), world.known),
        ).toThrow(PayableError);
      }),
    );
  });
});
