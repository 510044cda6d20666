// Finds the part of a built pot that a game asks about. A turn says it by hashes and amounts, so two parts that it cannot tell apart
// have equal numbers.

import type { Hex } from '#lib/core/bytes.ts';
import { callsPerNumber, LEVEL, type GameTurn } from '#lib/formats/payment/court-game.ts';
import { partsOfCall, type BuiltCall, type BuiltLine, type BuiltPot, type BuiltRedemption } from './build-pot.ts';
import { NoAnswerError } from './errors.ts';

export interface FoundLine {
  redemption: BuiltRedemption;
  line: BuiltLine;
}

const isSame = (redemption: BuiltRedemption, { gross, pool }: GameTurn): boolean =>
  redemption.record.gross === gross && redemption.poolWei === pool;

/** The redemption whose lines the turn has in `acc`. */
export function redemptionOf(pot: BuiltPot, turn: GameTurn): BuiltRedemption {
  const found = pot.redemptions.find((one) => isSame(one, turn) && one.record.lines === turn.acc);
  if (!found) throw new NoAnswerError('no redemption of the pot has these lines');
  return found;
}

/** The line whose receipts the turn has in `acc`. */
export function lineOf(pot: BuiltPot, turn: GameTurn): FoundLine {
  for (const redemption of pot.redemptions) {
    if (!isSame(redemption, turn)) continue;
    const line = redemption.lines.find(
      (one) => one.receipts === turn.acc && one.amountWei === turn.lineAmount && one.calls === turn.calls,
    );
    if (line) return { redemption, line };
  }
  throw new NoAnswerError('no line of the pot has these receipts');
}

/** The call with the vector that the turn has in `acc`. */
export function callWithVector(pot: BuiltPot, vectorHash: Hex): BuiltCall {
  for (const { lines } of pot.redemptions) {
    for (const { built } of lines) {
      const found = built.find((call) => call.vectorHash === vectorHash);
      if (found) return found;
    }
  }
  throw new NoAnswerError('no call of the pot has this vector');
}

const add = (numbers: readonly bigint[]): bigint => numbers.reduce((sum, number) => sum + number, 0n);

function ofCall(redemption: BuiltRedemption, call: BuiltCall | undefined, account: Hex): bigint {
  if (!call) return 0n;
  return partsOfCall(call, redemption.poolWei, redemption.record.gross).get(account) ?? 0n;
}

const ofLine = (redemption: BuiltRedemption, { built }: BuiltLine, account: Hex): bigint =>
  add(built.map((call) => ofCall(redemption, call, account)));

/** An account's part of each line. */
export const numbersOfLines = (redemption: BuiltRedemption, account: Hex): bigint[] =>
  redemption.lines.map((line) => ofLine(redemption, line, account));

/** An account's part of each redemption. */
export const numbersOfRedemptions = ({ redemptions }: BuiltPot, account: Hex): bigint[] =>
  redemptions.map((redemption) => add(numbersOfLines(redemption, account)));

/** An account's part of each of `count` calls from `lo` on; places without a receipt have 0. */
export const numbersOfRange = ({ redemption, line }: FoundLine, account: Hex, lo: number, count: number): bigint[] =>
  Array.from({ length: count }, (_, at) => ofCall(redemption, line.built[lo + at], account));

/** An account's part of each call of a line; of many calls, of each range. */
export function numbersOfCalls(found: FoundLine, account: Hex): bigint[] {
  const { calls } = found.line;
  const step = callsPerNumber(calls);
  const each = numbersOfRange(found, account, 0, calls);
  return Array.from({ length: Math.ceil(calls / step) }, (_, at) => add(each.slice(at * step, (at + 1) * step)));
}

/** What was answered at this level, as this pot has it: the turn after the answer. */
export function numbersSaid(pot: BuiltPot, turn: GameTurn, account: Hex): bigint[] {
  if (turn.level === LEVEL.redemptions) return numbersOfRedemptions(pot, account);
  if (turn.level === LEVEL.lines) return numbersOfLines(redemptionOf(pot, turn), account);
  const found = lineOf(pot, turn);
  return turn.level === LEVEL.calls
    ? numbersOfCalls(found, account)
    : numbersOfRange(found, account, turn.lo, turn.count);
}
