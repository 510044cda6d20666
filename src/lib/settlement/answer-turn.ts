// The answers of a proposer: at each level the numbers that add up to what was asked, then the opening of a call, then the row of an
// entry. They follow from the receipts and the turn alone; nothing is remembered between moves.

import { toHex } from '#lib/core/bytes.ts';
import { readEntry, packEntry } from '#lib/formats/payment/call-rule.ts';
import { LEVEL, type CallLeaf, type CourtAnswer, type GameTurn } from '#lib/formats/payment/court-game.ts';
import { lineTerms, ZERO_WORD } from '#lib/formats/payment/pot.ts';
import type { BuiltPot } from './build-pot.ts';
import { NoAnswerError } from './errors.ts';
import { showRow } from './known-influence.ts';
import {
  callWithVector,
  lineOf,
  numbersOfCalls,
  numbersOfLines,
  numbersOfRange,
  numbersOfRedemptions,
  redemptionOf,
} from './locate.ts';

/**
 * The answer to the question that the turn asks.
 *
 * @throws NoAnswerError when the turn is about another pot, or it is the challenger's move
 * @example
 * import { answerQuestion } from '#lib/chain/actions/settlement/answer-question.ts';
 * import { answerTurn } from '#lib/settlement/answer-turn.ts';
 *
 * await run(await answerQuestion(chain, { move, answer: answerTurn(pot, move.turn) }));
 */
export function answerTurn(pot: BuiltPot, turn: GameTurn): CourtAnswer {
  const account = turn.account.toLowerCase() as typeof turn.account;
  switch (turn.level) {
    case LEVEL.redemptions:
      return { name: 'answerRedemptions', numbers: numbersOfRedemptions(pot, account) };
    case LEVEL.lines: {
      const redemption = pot.redemptions[turn.lo];
      if (!redemption) throw new NoAnswerError(`the pot has no redemption ${turn.lo}`);
      const records = pot.redemptions.map(({ record }) => record);
      return { name: 'answerLines', records, numbers: numbersOfLines(redemption, account) };
    }
    case LEVEL.calls: {
      const redemption = redemptionOf(pot, turn);
      const line = redemption.lines[turn.lo];
      if (!line) throw new NoAnswerError(`the redemption has no line ${turn.lo}`);
      const lines = redemption.lines.map((one) => ({ receipts: one.receipts, terms: lineTerms(one) }));
      return { name: 'answerCalls', lines, numbers: numbersOfCalls({ redemption, line }, account) };
    }
    case LEVEL.range:
      return { name: 'answerRange', numbers: numbersOfRange(lineOf(pot, turn), account, turn.lo, turn.count) };
    case LEVEL.call:
      return openCall(pot, turn);
    case LEVEL.entry:
      return showEntry(pot, turn);
    case LEVEL.row:
      return { name: 'showRow', shown: showRow(pot.known, turn.lo) };
    default:
      throw new NoAnswerError('it is the challenger’s move');
  }
}

function openCall(pot: BuiltPot, turn: GameTurn): CourtAnswer {
  const { line } = lineOf(pot, turn);
  if (!line.tree || turn.lo >= line.calls) throw new NoAnswerError(`the line has no call ${turn.lo}`);
  const { siblings, sums } = line.tree.path(turn.lo);
  const call = line.built[turn.lo];
  const leaf: CallLeaf = call
    ? { isEmpty: false, receipt: call.receipt, vectorHash: call.vectorHash, cost: call.costWei, siblings, sums }
    : { isEmpty: true, receipt: ZERO_WORD, vectorHash: ZERO_WORD, cost: 0n, siblings, sums };
  const vector = call?.vector ? toHex(call.vector) : '0x';
  return { name: 'openCall', leaf, vector, entries: call?.entries.map(packEntry) ?? [] };
}

function showEntry(pot: BuiltPot, turn: GameTurn): CourtAnswer {
  const { vector } = callWithVector(pot, turn.acc);
  return { name: 'showEntry', vector: toHex(vector!), shown: showRow(pot.known, readEntry(BigInt(turn.said)).row) };
}
