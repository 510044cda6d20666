// Answers a question about a proposed list: numbers that add up, the opening of a call, or a row. The proposer or its relayer.

import { encodeFunctionData, type Hex } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { packNumbers } from '#lib/formats/payment/answer-numbers.ts';
import type { CourtAnswer, GameMove } from '#lib/formats/payment/court-game.ts';
import { attributionCourtAbi as abi } from '../../abi/attribution-court.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { encodeShownRow, gameWords } from './court-call.ts';

export interface Answer {
  move: GameMove;
  /** See settlement/answer-turn.ts. */
  answer: CourtAnswer;
}

function encodeAnswer(move: GameMove, answer: CourtAnswer): Hex {
  switch (answer.name) {
    case 'answerRedemptions':
      return encodeFunctionData({ abi, functionName: 'answerRedemptions', args: [move, packNumbers(answer.numbers)] });
    case 'answerLines':
      return encodeFunctionData({
        abi,
        functionName: 'answerLines',
        args: [move, answer.records, packNumbers(answer.numbers)],
      });
    case 'answerCalls':
      return encodeFunctionData({
        abi,
        functionName: 'answerCalls',
        args: [move, answer.lines, packNumbers(answer.numbers)],
      });
    case 'answerRange':
      return encodeFunctionData({ abi, functionName: 'answerRange', args: [move, packNumbers(answer.numbers)] });
    case 'openCall': {
      const args = [move, answer.leaf, answer.vector, answer.entries] as const;
      return encodeFunctionData({ abi, functionName: 'openCall', args });
    }
    case 'showEntry': {
      const args = [move, answer.vector, encodeShownRow(answer.shown)] as const;
      return encodeFunctionData({ abi, functionName: 'showEntry', args });
    }
    case 'showRow':
      return encodeFunctionData({ abi, functionName: 'showRow', args: [move, encodeShownRow(answer.shown)] });
  }
}

function answerWords(answer: CourtAnswer): string {
  if (answer.name === 'openCall') return `open the call with ${counted(answer.entries.length, 'entry', 'entries')}`;
  if (answer.name === 'showEntry') return 'show the row of the entry, which ends the game';
  if (answer.name === 'showRow') return 'show the row that was asked for';
  return `answer with ${counted(answer.numbers.length, 'number')}`;
}

/**
 * @example
 * import { answerQuestion } from '#lib/chain/actions/settlement/answer-question.ts';
 * import { answerTurn } from '#lib/settlement/answer-turn.ts';
 *
 * await run(await answerQuestion(chain, { move, answer: answerTurn(pot, move.turn) }));
 */
export async function answerQuestion(context: ChainContext, { move, answer }: Answer): Promise<ActionPlan> {
  const explanation = `You ${answerWords(answer)} in ${gameWords(move.game, move.meta)}`;
  const call = { to: context.addresses.AttributionCourt, data: encodeAnswer(move, answer) };
  return planOf(context, 'answer-question', explanation, call);
}
