// Each account that a posted list pays wrongly is found, and its place can be shown; answers and picks follow from the turn. The court's
// side of this is tested in tests/chain/pots.test.ts.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hex } from '#lib/core/bytes.ts';
import { LEVEL, type GameTurn } from '#lib/formats/payment/court-game.ts';
import { packPayout, readPayout } from '#lib/formats/payment/payout-list.ts';
import { ZERO_WORD } from '#lib/formats/payment/pot.ts';
import { createPotWorld, factsOf, holderAddress, randomRedemptions } from '#tests/support/pot-world.ts';
import { answerTurn } from './answer-turn.ts';
import { auditList, placeInList } from './audit-list.ts';
import { buildPot } from './build-pot.ts';
import { holderClaims, potClaim, seasonClaims } from './claims.ts';
import { drawPick, pickAtCall, pickTurn } from './pick-turn.ts';

const account = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`;
const lists = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 9 })), {
    selector: ([who]) => who,
    maxLength: 20,
  })
  .map((entries) =>
    entries
      .sort(([a], [b]) => a - b)
      .map(([who, wei]) => packPayout({ account: account(who), amountWei: BigInt(wei) })),
  );
const amountIn = (list: readonly bigint[], who: number): bigint =>
  list.map(readPayout).find((one) => one.account === account(who))?.amountWei ?? 0n;

describe('an audit', () => {
  it('names exactly the accounts that differ, the largest difference first', () => {
    fc.assert(
      fc.property(lists, lists, (list, posted) => {
        const found = auditList({ list }, posted);
        const expected = Array.from({ length: 61 }, (_, who) => who).filter(
          (who) => amountIn(list, who) !== amountIn(posted, who),
        );
        expect(found.map((one) => one.account).sort()).toEqual(expected.map(account).sort());
        for (const { account: who, postedWei, rightWei } of found) {
          expect([postedWei, rightWei]).toEqual([amountIn(posted, Number(who)), amountIn(list, Number(who))]);
        }
        const sizes = found.map(({ postedWei, rightWei }) =>
          postedWei > rightWei ? postedWei - rightWei : rightWei - postedWei,
        );
        expect(sizes).toEqual([...sizes].sort((a, b) => Number(b - a)));
      }),
    );
  });

  it('shows where an account stands, or its neighbours', () => {
    fc.assert(
      fc.property(lists, fc.nat(61), (list, who) => {
        const place = placeInList(list, account(who));
        const at = Number(place.index);
        if (place.isListed) {
          expect(readPayout(list[at]!)).toEqual({ account: account(who), amountWei: place.amount });
        } else {
          expect([place.left, place.right]).toEqual([list[at - 1] ?? 0n, list[at] ?? 0n]);
          expect(list.slice(0, at).every((word) => word >> 96n < BigInt(who))).toBe(true);
          expect(list.slice(at).every((word) => word >> 96n > BigInt(who))).toBe(true);
        }
      }),
    );
  });
});

const world = createPotWorld(6, { rows: 20, holders: 4, clusters: 9 });
const redemptions = randomRedemptions(world, [[3], [2, 2]]);
const pot = buildPot(redemptions, factsOf(redemptions), world.known);
const turn: GameTurn = {
  ...{ meta: ZERO_WORD, account: holderAddress(1), isUnlisted: false, isRowAsked: false, level: LEVEL.redemptions },
  ...{
    amount: pot.amounts.get(holderAddress(1))!,
    lo: 0,
    count: 2,
    acc: pot.word,
    gross: 0n,
    pool: 0n,
    lineAmount: 0n,
  },
  ...{ calls: 0, said: ZERO_WORD, fee: 0n },
};

describe('a turn', () => {
  it('is answered with numbers that add up', () => {
    const answer = answerTurn(pot, turn);
    if (answer.name !== 'answerRedemptions') throw new Error(answer.name);
    expect(answer.numbers.reduce((sum, number) => sum + number, 0n)).toBe(turn.amount);
    expect(pickTurn(pot, turn, { numbers: answer.numbers })).toBeNull();
    const [first, ...rest] = answer.numbers;
    expect(pickTurn(pot, turn, { numbers: [first! + 1n, ...rest] })).toMatchObject({ name: 'pick', index: 0 });
  });

  it.each([
    ['of a redemption that is not there', { level: LEVEL.lines, lo: 2 }],
    ['of a line of another pot', { level: LEVEL.calls, acc: ZERO_WORD }],
    ['of a range of another pot', { level: LEVEL.range }],
    ['of a call of another pot', { level: LEVEL.call }],
    ['of a vector of another pot', { level: LEVEL.entry }],
    ['of the challenger', { level: LEVEL.entries }],
  ])('%s has no answer', (_what, change) => {
    expect(() => answerTurn(pot, { ...turn, ...change })).toThrow(
      expect.objectContaining({ code: 'settlement/no-answer' }),
    );
  });

  it('is not picked at the wrong level', () => {
    expect(() => pickTurn(pot, turn, { entries: [], vector: '0x' })).toThrow('no entries');
    expect(() => pickTurn(pot, { ...turn, level: LEVEL.call }, { numbers: [] })).toThrow('no numbers');
  });

  it('at a call needs no receipts: an empty list omits the best row', () => {
    const [call] = pot.redemptions[0]!.lines[0]!.built;
    const vector: Hex = `0x${Buffer.from(call!.vector!).toString('hex')}`;
    expect(pickAtCall(world.known, [], vector)).toMatchObject({ name: 'omitted', index: call!.entries[0]!.row });
  });
});

describe('a pick without receipts', () => {
  it('draws each number as often as it is large', () => {
    const numbers = [3n, 0n, 5n, 1n];
    const drawn = Array.from({ length: 9 }, (_, at) => drawPick(numbers, () => BigInt(at))!.index);
    expect(drawn).toEqual([0, 0, 0, 2, 2, 2, 2, 2, 3]);
    expect(drawPick([0n, 0n], () => 0n)).toBeNull();
    expect(drawPick([], () => 0n)).toBeNull();
  });
});

describe('claims', () => {
  it('name the place of an account in a list, among holders and in a season', () => {
    const who = holderAddress(2);
    expect(potClaim(5n, pot.list, who)).toMatchObject({ id: 5n, amount: pot.amounts.get(who) });
    expect(holderClaims(world.holders, who)).toMatchObject([{ account: who, rows: 5, place: 2n }]);
    expect(holderClaims([...world.holders, world.holders[2]!], who)).toHaveLength(2);
    const season = seasonClaims([{ account: who, amountWei: 3n }]);
    expect(season.of(who)).toMatchObject({ account: who, amount: 3n, index: 0n });
    expect(season.totalWei).toBe(3n);
  });

  it('are refused for an account that earned nothing', () => {
    const stranger = account(1);
    for (const claim of [
      () => potClaim(1n, pot.list, stranger),
      () => holderClaims(world.holders, stranger),
      () => seasonClaims([]).of(stranger),
    ]) {
      expect(claim).toThrow(expect.objectContaining({ code: 'settlement/nothing-earned' }));
    }
  });
});
