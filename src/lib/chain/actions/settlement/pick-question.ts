// Picks what a proposer has to answer next: one of its numbers, one of its entries, or any row; or shows a row that the entries omit,
// which convicts. The challenger of the game.

import { encodeFunctionData, type Hex } from 'viem';
import { packNumbers } from '#lib/formats/payment/answer-numbers.ts';
import type { CourtPick, GameMove } from '#lib/formats/payment/court-game.ts';
import { attributionCourtAbi as abi } from '../../abi/attribution-court.ts';
import type { ChainContext } from '../../context.ts';
import { requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { encodeShownRow, gameWords } from './court-call.ts';

export interface Pick {
  move: GameMove;
  /** See settlement/pick-turn.ts. */
  pick: CourtPick;
}

function encodePick(move: GameMove, pick: CourtPick): Hex {
  const index = BigInt(requireSmall(pick.index, 32, 'The place'));
  switch (pick.name) {
    case 'pick':
      return encodeFunctionData({ abi, functionName: 'pick', args: [move, packNumbers(pick.numbers), index] });
    case 'pickEntry':
      return encodeFunctionData({ abi, functionName: 'pickEntry', args: [move, pick.entries, index] });
    case 'pickRow':
      return encodeFunctionData({ abi, functionName: 'pickRow', args: [move, index] });
    case 'omitted': {
      const args = [move, pick.entries, pick.vector, index, encodeShownRow(pick.shown)] as const;
      return encodeFunctionData({ abi, functionName: 'omitted', args });
    }
  }
}

const PICK_WORDS: Readonly<Record<CourtPick['name'], (place: number) => string>> = {
  pick: (place) => `ask about number ${place + 1} of the answer`,
  pickEntry: (place) => `ask for the row of entry ${place + 1}`,
  pickRow: (place) => `ask for row ${place}`,
  omitted: (place) => `show row ${place}, which the entries omit, so that the proposer is convicted`,
};

/**
 * @example
 * import { pickQuestion } from '#lib/chain/actions/settlement/pick-question.ts';
 * import { pickTurn } from '#lib/settlement/pick-turn.ts';
 *
 * const pick = pickTurn(pot, move.turn, { numbers: [5n, 7n] });
 * if (pick) await run(await pickQuestion(chain, { move, pick }));
 */
export async function pickQuestion(context: ChainContext, { move, pick }: Pick): Promise<ActionPlan> {
  const explanation = `You ${PICK_WORDS[pick.name](pick.index)} in ${gameWords(move.game, move.meta)}`;
  return planOf(context, 'pick-question', explanation, {
    to: context.addresses.AttributionCourt,
    data: encodePick(move, pick),
  });
}
